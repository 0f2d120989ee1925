// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {FROM_SHIFT, KIND_FORCED_EXIT, KIND_SHIFT} from "./Constants.sol";

/// @title The queue of deposits and exit requests
/// @notice Operations live in events; the queue keeps a rolling hash, so that executing any number of them costs two
/// reads, and giving up an executed batch restores the cursor without touching the queue. Operations come in groups, one
/// entry for each: an import of many, or a request alone. docs/protocol.md, Priority queue.
library PriorityQueue {
    /// @notice What is kept at the end of a group, by the number of operations up to there.
    /// @param rollingHash Hash of all operations up to and including the group.
    /// @param mark The group's deadline in Unix seconds, plus `broughtForward`; > 0 for every group.
    /// @param totalFees Fees of all operations up to and including the group, in wei.
    /// @param nextSize Operations of the group behind it; 0 for one.
    /// @param count The number of operations up to there: places are used again.
    struct Entry {
        bytes32 rollingHash;
        uint64 mark;
        uint128 totalFees;
        uint8 nextSize;
        uint56 count;
    }

    /// @param requestedCount Operations so far.
    /// @param depositCount Deposits among them.
    /// @param lastMark Mark of the last group.
    /// @param broughtForward Seconds by which executions have brought all deadlines forward; it only grows.
    /// @param entries By `_placeOf`.
    struct Queue {
        uint64 requestedCount;
        uint64 depositCount;
        uint64 lastMark;
        uint64 broughtForward;
        mapping(uint256 place => Entry) entries;
    }

    /// @dev Entries stand in a ring: one takes the place of another whose operations final batches have executed, which costs
    /// a third of a place that was never used. Where the place is taken by one that is still pending, it gets a place of its
    /// own behind the ring. A prime, so that groups of one size do not share few places.
    uint256 private constant RING = 127;

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

    /// @notice Appends a group: due D from now, or Δ for each of its operations after the one before it, whichever is later.
    /// No addition of marks overflows in practice: each operation adds less than 2^40 to them.
    /// @param rollingHash After the whole group.
    /// @param size Its operations, 1 to 255.
    /// @param executedCount Operations executed by final batches, or fewer.
    /// @param delay D in seconds.
    /// @param interval Δ in seconds.
    /// @param fees Of the whole group, in wei.
    /// @return firstId Id of its first operation; the others follow.
    function push(
        Queue storage queue,
        bytes32 rollingHash,
        uint8 size,
        uint64 executedCount,
        uint40 delay,
        uint40 interval,
        uint128 fees
    ) internal returns (uint64 firstId) {
        firstId = queue.requestedCount;
        uint64 mark = uint64(block.timestamp) + delay + queue.broughtForward;
        uint64 afterLast = queue.lastMark + uint64(size) * interval;
        if (mark < afterLast) mark = afterLast;
        Entry storage previous = _at(queue, firstId);
        uint64 end = firstId + size;
        // No count reaches 2^56.
        queue.entries[_freePlace(queue, end, executedCount)] =
            Entry(rollingHash, mark, previous.totalFees + fees, 0, uint56(end));
        if (size != 1) previous.nextSize = size;
        queue.requestedCount = end;
        queue.lastMark = mark;
    }

    /// @notice After an execution: the first group that is left, or the next to be requested, is due D from now at the
    /// latest, and those behind it as much earlier. So what was executed early delays nothing that comes after it.
    /// @param executedCount Operations executed by final batches.
    function bringForward(Queue storage queue, uint64 executedCount, uint40 delay, uint40 interval) internal {
        uint64 size = groupSize(queue, executedCount);
        uint64 next = size == 0 ? queue.lastMark + interval : _at(queue, executedCount + size).mark;
        uint64 latest = uint64(block.timestamp) + delay;
        if (next > latest + queue.broughtForward) queue.broughtForward = next - latest;
    }

    /// @notice Operations of the group that starts behind `count` operations, which are whole groups; 0 when there is none.
    function groupSize(Queue storage queue, uint64 count) internal view returns (uint64 size) {
        if (count >= queue.requestedCount) return 0;
        size = _at(queue, count).nextSize;
        if (size == 0) size = 1;
    }

    /// @notice The group that an operation is part of; zeros when it was not requested, or executed by a final batch. Looks for
    /// its start one by one.
    /// @param executedCount Operations executed by final batches.
    function groupOf(Queue storage queue, uint64 operationId, uint64 executedCount)
        internal
        view
        returns (uint64 firstId, uint64 size)
    {
        if (operationId < executedCount || operationId >= queue.requestedCount) return (0, 0);
        firstId = operationId;
        // What was executed are whole groups, so it goes no further back.
        while (firstId != executedCount && _at(queue, firstId).mark == 0) --firstId;
        size = groupSize(queue, firstId);
    }

    /// @notice Rolling hash of the first `count` operations, not fewer than final batches have executed; 0 for more than there
    /// are, and within a group.
    function hashOfFirst(Queue storage queue, uint64 count) internal view returns (bytes32) {
        return _at(queue, count).rollingHash;
    }

    /// @notice Fees of the first `count` operations, which are whole groups and not fewer than final batches have executed, in
    /// wei.
    function feesOfFirst(Queue storage queue, uint64 count) internal view returns (uint128) {
        return _at(queue, count).totalFees;
    }

    /// @notice Deadline of the group that starts behind `count` operations, which are whole groups and no final batch has
    /// passed, as it stands now; 0 if there is none.
    function deadlineOf(Queue storage queue, uint64 count) internal view returns (uint64) {
        uint64 size = groupSize(queue, count);
        if (size == 0) return 0;
        uint64 mark = _at(queue, count + size).mark;
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

    /// @dev The entry at a group's end; one of zeros where no group ends, or where it was given up for a later one.
    function _at(Queue storage queue, uint64 count) private view returns (Entry storage entry) {
        entry = queue.entries[count % RING];
        if (entry.count != count) entry = queue.entries[RING + count];
    }

    /// @dev Where an entry goes. That of the last executed operation is still needed, those before it never again: what
    /// executes, gives back or asks for deadlines starts at it.
    function _freePlace(Queue storage queue, uint64 count, uint64 executedCount) private view returns (uint256 place) {
        place = count % RING;
        Entry storage entry = queue.entries[place];
        // The first place has an entry from the start: that before the first group.
        bool isUnused = entry.mark == 0 && place != 0;
        if (!isUnused && entry.count >= executedCount) place = RING + count;
    }
}
