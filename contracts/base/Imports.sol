// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IMoves} from "../interfaces/IMoves.sol";
import {MAX_IMPORT} from "../libraries/Constants.sol";
import {DepositGroups} from "../libraries/DepositGroups.sol";
import {MoveDeposit} from "../types/MoveTypes.sol";
import {BatchRules} from "./BatchRules.sol";

/// @title Deposits that come together
/// @notice What another rollup calls with the moves of its users, and anyone may: many deposits, one group of the queue.
abstract contract Imports is BatchRules, IMoves {
    /// @inheritdoc IMoves
    function importMoves(address token, MoveDeposit[] calldata deposits)
        external
        payable
        override
        nonReentrant
        beforeExodus
        returns (uint64)
    {
        uint256 count = deposits.length;
        if (count == 0 || count > maxImport()) revert WrongMoveCount(maxImport(), count);
        _countDeposits(uint64(count));
        return DepositGroups.append(
            _priorityQueue(),
            _tokens(),
            token,
            deposits,
            _finalTip().priorityCount,
            priorityDelay,
            priorityInterval,
            priorityFee()
        );
    }

    /// @inheritdoc IMoves
    function maxImport() public view override returns (uint256) {
        // A group is executed whole: one chunk has room for it.
        return slotsPerChunk < MAX_IMPORT ? slotsPerChunk : MAX_IMPORT;
    }
}
