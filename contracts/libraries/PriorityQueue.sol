// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {FROM_SHIFT, KIND_FORCED_EXIT, KIND_SHIFT} from "./Constants.sol";

/// @title The queue of deposits and exit requests
/// @notice Operations live in events; the queue keeps a rolling hash, so that executing any number of them costs two
/// reads, and giving up an executed batch restores the cursor without touching the queue.
/// docs/protocol.md, Priority queue.
library PriorityQueue {
    /// @param rollingHash Hash of all operations up to and including this one.
    /// @param mark Deadline in Unix seconds, plus `broughtForward`; > 0 for every requested operation.
    /// @param totalFees Fees of all operations up to and including this one, in wei.
    struct Entry {
        bytes32 rollingHash;
        uint64 mark;
        uint128 totalFees;
    }

    /// @param requestedCount Operations so far.
    /// @param depositCount Deposits among them.
    /// @param lastMark Mark of the last operation.
    /// @param broughtForward Seconds by which executions have brought all deadlines forward; it only grows.
    struct Queue {
        uint64 requestedCount;
        uint64 depositCount;
        uint64 lastMark;
        uint64 broughtForward;
        mapping(uint64 operationId => Entry) entries;
    }

    /// @notice Hash after one more operation.
    /// Twin: packages/protocol/batch/priority.ts nextRollingHash.
    /// @param record With 0 in the fields that the producer fills.
    /// @param w2 0 for kind 5.
    function nextHash(bytes32 rollingHash, uint256 record, uint256 w0, uint256 w1, uint256 w2)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(rollingHash, record, w0, w1, w2));
    }

    /// @notice Hash after an executed record: what the producer filled in is taken out first.
    function nextExecutedHash(bytes32 rollingHash, uint256 record, uint256 w0, uint256 w1, uint256 w2)
        internal
        pure
        returns (bytes32)
    {
        return record >> KIND_SHIFT == KIND_FORCED_EXIT
            ? nextHash(rollingHash, (record >> FROM_SHIFT) << FROM_SHIFT, w0, w1, 0)
            : nextHash(rollingHash, (record >> KIND_SHIFT) << KIND_SHIFT, w0, w1, w2);
    }

    /// @notice Appends an operation: due D from now, or Δ after the one before it, whichever is later. No addition of marks
    /// overflows in practice: each request adds less than 2^40 to them.
    /// @param delay D in seconds.
    /// @param interval Δ in seconds.
    function push(
        Queue storage queue,
        uint256 record,
        uint256 w0,
        uint256 w1,
        uint256 w2,
        uint40 delay,
        uint40 interval,
        uint128 fee
    ) internal returns (uint64 operationId) {
        operationId = queue.requestedCount;
        uint64 mark = uint64(block.timestamp) + delay + queue.broughtForward;
        uint64 afterLast = queue.lastMark + interval;
        if (mark < afterLast) mark = afterLast;
        queue.entries[operationId] = Entry({
            rollingHash: nextHash(hashOfFirst(queue, operationId), record, w0, w1, w2),
            mark: mark,
            totalFees: feesOfFirst(queue, operationId) + fee
        });
        queue.requestedCount = operationId + 1;
        queue.lastMark = mark;
    }

    /// @notice After an execution: the first operation that is left, or the next to be requested, is due D from now at the
    /// latest, and those behind it as much earlier. So what was executed early delays nothing that comes after it.
    /// @param executedCount Operations executed by final batches.
    function bringForward(Queue storage queue, uint64 executedCount, uint40 delay, uint40 interval) internal {
        uint64 next = executedCount == queue.requestedCount
            ? queue.lastMark + interval
            : queue.entries[executedCount].mark;
        uint64 latest = uint64(block.timestamp) + delay;
        if (next > latest + queue.broughtForward) queue.broughtForward = next - latest;
    }

    /// @notice Rolling hash of the first `count` operations; 0 for more than there are.
    function hashOfFirst(Queue storage queue, uint64 count) internal view returns (bytes32) {
        return count == 0 ? bytes32(0) : queue.entries[count - 1].rollingHash;
    }

    /// @notice Fees of the first `count` operations, in wei.
    function feesOfFirst(Queue storage queue, uint64 count) internal view returns (uint128) {
        return count == 0 ? 0 : queue.entries[count - 1].totalFees;
    }

    /// @notice Operations of the group that begins with this one; a batch executes it whole.
    function groupSizeAt(Queue storage, uint64) internal pure returns (uint256) {
        return 1;
    }

    /// @notice Deadline of an operation that no final batch has executed, as it stands now; 0 if it was not requested.
    function deadlineOf(Queue storage queue, uint64 operationId) internal view returns (uint64) {
        uint64 mark = queue.entries[operationId].mark;
        if (mark == 0) return 0;
        uint64 forward = queue.broughtForward;
        // A pending one was never brought forward to less than D from the moment of that: its difference is positive. What
        // was executed, and is asked for on an old parent, may be smaller.
        return mark > forward ? mark - forward : 0;
    }

    /// @notice Whether the oldest operation that is not executed is overdue for longer than `delay` seconds.
    function isOverdueBy(Queue storage queue, uint64 executedCount, uint256 delay) internal view returns (bool) {
        uint256 deadline = deadlineOf(queue, executedCount);
        return deadline != 0 && block.timestamp > deadline + delay;
    }
}
