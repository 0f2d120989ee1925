// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRollup} from "../interfaces/IRollup.sol";

/// @title Who may bring batches at all
/// @notice A plain account: no code, so no delegation either. Then the batch's data is top-level calldata, where everyone
/// who rebuilds the state finds it.
library PlainAccount {
    /// @notice Reverts unless the caller is a plain account that sent the transaction itself.
    function requireCaller() internal view {
        // solhint-disable-next-line avoid-tx-origin
        if (msg.sender != tx.origin || msg.sender.code.length != 0) {
            // solhint-disable-next-line avoid-tx-origin
            revert IRollup.CallerNotPlainAccount(msg.sender, tx.origin);
        }
    }
}
