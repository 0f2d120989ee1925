// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRollup} from "../interfaces/IRollup.sol";
import {MAX_IMPORT, TREE_CAPACITY} from "./Constants.sol";
import {PriorityQueue} from "./PriorityQueue.sol";
import {VisibleLists} from "./VisibleLists.sol";

/// @title What a batch owes to the queue of deposits and exit requests
/// @notice docs/protocol.md, Batch and header.
library QueueRules {
    using PriorityQueue for PriorityQueue.Queue;

    /// @notice The executed operations must be the queue's, whole groups of them, and no overdue one may be left behind in a
    /// batch with room for its group, unless the batch has executed as many as fit the calldata of any batch.
    /// Twin: packages/protocol/batch/priority.ts mayLeaveOverdue.
    /// @param executedCount Before the batch.
    /// @param time Of the batch.
    /// @param totals What the batch executes.
    /// @param room K·M.
    /// @return newCount After the batch.
    function requireInOrder(
        PriorityQueue.Queue storage queue,
        uint64 executedCount,
        uint40 time,
        VisibleLists.Totals memory totals,
        uint256 room
    ) internal view returns (uint64 newCount) {
        newCount = executedCount + uint64(totals.priorityCount);
        if (totals.priorityCount != 0) {
            if (newCount > queue.requestedCount) {
                revert IRollup.PriorityNotRequested(queue.requestedCount, newCount);
            }
            bytes32 expected = queue.hashOfFirst(newCount);
            if (expected != totals.rollingHash) revert IRollup.WrongPriorityOperations(expected, totals.rollingHash);
        }
        uint64 deadline = queue.deadlineOf(newCount);
        if (deadline == 0 || deadline >= time) return newCount;
        // Not the slots alone: an assertion by calldata is bounded in bytes, and could never work off a backlog.
        uint256 owed = room < MAX_IMPORT ? room : MAX_IMPORT;
        if (totals.priorityCount + queue.groupSize(newCount) <= owed) {
            revert IRollup.OverdueOperationSkipped(newCount, deadline, time);
        }
    }

    /// @notice Every deposit ever requested must find an empty leaf: transfers to new accounts stop before they take it.
    /// @param before Transfers to new accounts before the batch.
    /// @param added Of the batch.
    /// @return count After the batch.
    function requireLeaves(PriorityQueue.Queue storage queue, uint64 before, uint256 added)
        internal
        view
        returns (uint64 count)
    {
        // A batch has far fewer than 2^32 records.
        count = before + uint64(added);
        if (added == 0) return count;
        uint256 deposits = queue.depositCount;
        if (deposits + count > TREE_CAPACITY) revert IRollup.TreeFull(deposits, count);
    }
}
