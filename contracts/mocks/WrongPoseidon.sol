// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IPoseidon4} from "../interfaces/IPoseidon4.sol";

/// @title A hash that is not Poseidon
contract WrongPoseidon is IPoseidon4 {
    /// @inheritdoc IPoseidon4
    function hash(uint256[4] calldata inputs) external pure override returns (uint256) {
        return uint256(keccak256(abi.encode(inputs))) >> 8;
    }
}
