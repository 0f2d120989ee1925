// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IMoves} from "../interfaces/IMoves.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {MoveDeposit, PriorityOperation} from "../types/MoveTypes.sol";
import {FIELD_MODULUS, KIND_DEPOSIT, KIND_SHIFT} from "./Constants.sol";
import {PriorityQueue} from "./PriorityQueue.sol";
import {TokenBook} from "./TokenBook.sol";
import {Withdrawals} from "./Withdrawals.sol";

/// @title Groups of the queue: deposits that come together, operations that are given back, and what is told of both
/// @notice Linked to the rollup, which has no room for this code; it works on the rollup's storage.
library DepositGroups {
    using PriorityQueue for PriorityQueue.Queue;
    using TokenBook for TokenBook.Book;

    /// @notice Takes the money of deposits from the caller and appends them as one group.
    /// Calls the token: only for functions that are not reentrant.
    /// @param token Address of a registered token, 0 for ETH.
    /// @param deposits At least one; the caller has checked how many, and that the tree has room.
    /// @param executedCount Operations executed by final batches.
    /// @param fee Priority fee of each, in wei.
    function append(
        PriorityQueue.Queue storage queue,
        TokenBook.Book storage book,
        address token,
        MoveDeposit[] calldata deposits,
        uint64 executedCount,
        uint40 delay,
        uint40 interval,
        uint128 fee
    ) external returns (uint64 firstId) {
        uint32 tokenId = book.idOf(token);
        // At most 128 of them: neither the sum of amounts nor that of fees, which come along as ETH, overflows.
        uint128 fees = fee * uint128(deposits.length);
        book.receiveFromCaller(tokenId, _sumOf(deposits), fees);
        // Read behind the call of the token, which may not request anything (the functions are not reentrant).
        bytes32 rollingHash = _hashBehind(queue.hashOfFirst(queue.requestedCount), tokenId, deposits);
        firstId = queue.push(rollingHash, uint8(deposits.length), executedCount, delay, interval, fees);
        emit IMoves.DepositsImported(
            firstId, msg.sender, tokenId, deposits, uint40(block.timestamp) + delay, fee
        );
    }

    /// @notice Hash behind the operations of a group that are given again.
    function hashOf(bytes32 rollingHash, PriorityOperation[] calldata operations) external pure returns (bytes32) {
        for (uint256 i = 0; i < operations.length; ++i) {
            PriorityOperation calldata operation = operations[i];
            rollingHash = PriorityQueue.nextHash(
                rollingHash, operation.record, operation.w0, operation.w1, operation.w2
            );
        }
        return rollingHash;
    }

    /// @notice A pending operation: the rolling hash up to and including it (0 within a group), its deadline and its fee.
    function operation(PriorityQueue.Queue storage queue, uint64 operationId, uint64 executedCount)
        external
        view
        returns (bytes32, uint64, uint256)
    {
        (uint64 firstId, uint64 size) = queue.groupOf(operationId, executedCount);
        if (size == 0) return (0, 0, 0);
        return (queue.hashOfFirst(operationId + 1), queue.deadlineOf(firstId), feeOf(queue, firstId, size));
    }

    /// @notice PriorityQueue.groupOf, for views.
    function groupOf(PriorityQueue.Queue storage queue, uint64 operationId, uint64 executedCount)
        external
        view
        returns (uint64, uint64)
    {
        return queue.groupOf(operationId, executedCount);
    }

    /// @notice What each operation of a group paid, in wei: all of them the same.
    function feeOf(PriorityQueue.Queue storage queue, uint64 firstId, uint64 size) internal view returns (uint256) {
        return (queue.feesOfFirst(firstId + size) - queue.feesOfFirst(firstId)) / size;
    }

    /// @dev The sum of all amounts. Each deposit is checked as `deposit` does it.
    function _sumOf(MoveDeposit[] calldata deposits) private pure returns (uint256 sum) {
        for (uint256 i = 0; i < deposits.length; ++i) {
            MoveDeposit calldata item = deposits[i];
            if (item.keyY >= FIELD_MODULUS) revert IRollup.KeyNotInField(item.keyY);
            if (item.owner == address(0)) revert IRollup.ZeroOwner();
            if (item.amount == 0) revert IRollup.ZeroAmount();
            sum += item.amount;
        }
    }

    function _hashBehind(bytes32 rollingHash, uint32 tokenId, MoveDeposit[] calldata deposits)
        private
        pure
        returns (bytes32)
    {
        uint256 tokenBits = uint256(tokenId) << Withdrawals.TOKEN_SHIFT;
        for (uint256 i = 0; i < deposits.length; ++i) {
            MoveDeposit calldata item = deposits[i];
            rollingHash = PriorityQueue.nextHash(
                rollingHash, KIND_DEPOSIT << KIND_SHIFT, item.keyY, uint256(uint160(item.owner)) | tokenBits, item.amount
            );
        }
        return rollingHash;
    }
}
