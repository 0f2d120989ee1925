// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IBatchVerifier} from "../interfaces/IBatchVerifier.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {
    CONTEXT_TIME_SHIFT,
    FEE_TOKEN_BITS,
    FEE_TOKEN_FILLER,
    RECORDS_PER_BLOCK,
    TREE_CAPACITY
} from "../libraries/Constants.sol";
import {Headers} from "../libraries/Headers.sol";
import {PriorityQueue} from "../libraries/PriorityQueue.sol";
import {RecordData} from "../libraries/RecordData.sol";
import {VerifierCall} from "../libraries/VerifierCall.sol";
import {Withdrawals} from "../libraries/Withdrawals.sol";
import {Batch, StoredHeader} from "../types/RollupTypes.sol";
import {Requests} from "./Requests.sol";

/// @title What every batch obeys, however it becomes final
/// @notice docs/protocol.md, Batch and header, all but who may produce, the parent and the proofs. `submitBatch` goes
/// through here, and the assertions do by `readBatch`, so that each rule stands on L1 once.
abstract contract BatchRules is Requests {
    using PriorityQueue for PriorityQueue.Queue;
    using RecordData for RecordData.Totals;

    /// @inheritdoc IRollup
    IBatchVerifier public immutable override verifier;
    /// @inheritdoc IRollup
    uint256 public immutable override slotsPerChunk;
    /// @inheritdoc IRollup
    uint256 public immutable override maxChunks;
    /// @inheritdoc IRollup
    uint256 public immutable override maxBatchAge;

    /// @param proofVerifier Shown a wrong proof here: one that takes everything would make everything final.
    constructor(IBatchVerifier proofVerifier, uint32 slots, uint32 chunks, uint40 batchAge) {
        if (slots == 0 || slots % RECORDS_PER_BLOCK != 0) revert InvalidParameter("slotsPerChunk", slots);
        if (chunks == 0) revert InvalidParameter("maxChunks", chunks);
        if (!VerifierCall.refusesWrongProof(proofVerifier)) {
            revert InvalidParameter("verifier", uint256(uint160(address(proofVerifier))));
        }
        verifier = proofVerifier;
        slotsPerChunk = slots;
        maxChunks = chunks;
        maxBatchAge = batchAge;
    }

    /// @inheritdoc IRollup
    function readBatch(StoredHeader calldata parent, Batch calldata batch, bytes[] calldata chunks)
        external
        view
        override
        returns (StoredHeader memory header, uint256[8][] memory inputs)
    {
        _requireTimely(parent.number, parent.time, batch);
        _requireLengths(batch, chunks.length);
        inputs = new uint256[8][](chunks.length);
        StoredHeader memory known = parent;
        header = _readBatch(known, Headers.hash(known), batch, chunks, inputs);
    }

    /// @inheritdoc IRollup
    function domain() external view override returns (uint256) {
        return Headers.domain();
    }

    /// @dev parent.time ≤ time ≤ block.timestamp ≤ time + maxBatchAge, and the number is the next one.
    function _requireTimely(uint64 parentNumber, uint40 parentTime, Batch calldata batch) internal view {
        if (batch.number != parentNumber + 1) revert WrongBatchNumber(parentNumber + 1, batch.number);
        uint40 time = batch.time;
        if (time < parentTime) revert BatchBeforeParent(parentTime, time);
        if (time > block.timestamp) revert BatchInFuture(block.timestamp, time);
        if (block.timestamp > time + maxBatchAge) revert BatchTooOld(block.timestamp - maxBatchAge, time);
    }

    /// @dev One entry a chunk in each list of the batch, and one root more.
    function _requireLengths(Batch calldata batch, uint256 count) internal view {
        if (count == 0 || count > maxChunks) revert WrongChunkCount(maxChunks, count);
        if (batch.roots.length != count + 1) revert WrongListLength("roots", count + 1, batch.roots.length);
        if (batch.commitments.length != count) revert WrongListLength("commitments", count, batch.commitments.length);
        if (batch.feeTokens.length != count) revert WrongListLength("feeTokens", count, batch.feeTokens.length);
    }

    /// @dev Reads all records and checks what they say; writes the public inputs of each chunk into `rows`. Whether roots
    /// and commitments are below r is checked by the verifier, or by who calls none; the other inputs are by construction.
    /// Twin: packages/protocol/batch/next-header.ts headerOf.
    /// @param parent In memory: with a fixed place in calldata, the compiler would copy all of this for each caller.
    /// @return header Of the batch, should it become final.
    function _readBatch(
        StoredHeader memory parent,
        bytes32 parentHash,
        Batch calldata batch,
        bytes[] calldata chunks,
        uint256[8][] memory rows
    ) internal view returns (StoredHeader memory header) {
        if (batch.roots[0] != parent.stateRoot) revert WrongFirstRoot(parent.stateRoot, batch.roots[0]);
        uint64 executedCount = parent.priorityCount;
        (bytes32[] memory dataHashes, RecordData.Totals memory totals) = _readChunks(executedCount, batch, chunks, rows);
        header.priorityCount = _requirePriority(executedCount, batch.time, totals);
        header.transferToNewCount =
            uint64(_requireRoom(parent.transferToNewCount, totals.transferToNewCount));
        header.number = batch.number;
        header.time = batch.time;
        header.parentHash = parentHash;
        header.stateRoot = batch.roots[chunks.length];
        header.chunksHash = Headers.chunksHash(batch, dataHashes);
        header.withdrawalsRoot = Withdrawals.root(totals.withdrawals, totals.withdrawalCount);
        // Each takes 111 bytes of calldata, of which a transaction holds far less than 2^32.
        header.withdrawalCount = uint32(totals.withdrawalCount);
    }

    function _readChunks(uint64 executedCount, Batch calldata batch, bytes[] calldata chunks, uint256[8][] memory rows)
        private
        view
        returns (bytes32[] memory dataHashes, RecordData.Totals memory totals)
    {
        bytes memory buffer = _prepare(executedCount, chunks, totals);
        uint256[] calldata roots = batch.roots;
        uint256[] calldata commitments = batch.commitments;
        uint256[] calldata feeTokens = batch.feeTokens;
        uint256 ownDomain = Headers.domain();
        dataHashes = new bytes32[](chunks.length);
        for (uint256 k = 0; k < chunks.length; ++k) {
            bytes calldata data = chunks[k];
            dataHashes[k] = RecordData.load(data, buffer);
            uint256[8] memory inputs = rows[k];
            inputs[0] = roots[k];
            inputs[1] = roots[k + 1];
            inputs[2] = commitments[k];
            inputs[3] = Headers.challenge(address(this), batch.number, k, dataHashes[k], inputs[2], inputs[0], inputs[1]);
            (inputs[4], inputs[5]) = totals.read(k, buffer, data.length, slotsPerChunk, inputs[3]);
            inputs[6] = ownDomain;
            inputs[7] = _context(k, feeTokens[k], batch.time);
        }
    }

    /// @dev Checks that the records of each chunk fit its data, and makes room for the longest chunk and for all
    /// withdrawals. The queue is read only when a chunk has words, without which there are no priority operations.
    function _prepare(uint64 executedCount, bytes[] calldata chunks, RecordData.Totals memory totals)
        private
        view
        returns (bytes memory buffer)
    {
        uint256 slots = slotsPerChunk;
        uint256 wordRecords;
        uint256 longest;
        for (uint256 k = 0; k < chunks.length; ++k) {
            uint256 length = chunks[k].length;
            wordRecords += RecordData.maxWordRecords(k, length, slots);
            if (length > longest) longest = length;
        }
        buffer = new bytes(longest);
        if (wordRecords != 0) {
            totals.rollingHash = _priorityQueue().hashOfFirst(executedCount);
            totals.withdrawals = new bytes32[](wordRecords);
        }
    }

    /// @dev Fee tokens and batch time as the circuit takes them. The tokens must be strictly ascending up to the
    /// filler, which may repeat.
    /// Twin: packages/protocol/batch/chunk.ts packContext.
    function _context(uint256 chunk, uint256 feeTokens, uint256 time) private pure returns (uint256) {
        uint256 mask = (1 << FEE_TOKEN_BITS) - 1;
        uint256 previous = feeTokens & mask;
        bool valid = feeTokens >> CONTEXT_TIME_SHIFT == 0;
        for (uint256 shift = FEE_TOKEN_BITS; shift < CONTEXT_TIME_SHIFT; shift += FEE_TOKEN_BITS) {
            uint256 token = (feeTokens >> shift) & mask;
            valid = valid && (token > previous || (token == FEE_TOKEN_FILLER && previous == FEE_TOKEN_FILLER));
            previous = token;
        }
        // They ascend, so the last one is the greatest.
        if (!valid || previous > FEE_TOKEN_FILLER) revert WrongFeeTokens(chunk, feeTokens);
        return feeTokens | (time << CONTEXT_TIME_SHIFT);
    }

    /// @dev The executed operations must be the queue's, and no overdue one may be left behind in a batch with room.
    function _requirePriority(uint64 executedCount, uint40 time, RecordData.Totals memory totals)
        private
        view
        returns (uint64 newCount)
    {
        PriorityQueue.Queue storage queue = _priorityQueue();
        newCount = executedCount + uint64(totals.priorityCount);
        if (totals.priorityCount != 0) {
            if (newCount > queue.requestedCount) revert PriorityNotRequested(queue.requestedCount, newCount);
            bytes32 expected = queue.hashOfFirst(newCount);
            if (expected != totals.rollingHash) revert WrongPriorityOperations(expected, totals.rollingHash);
        }
        bool isFull = totals.priorityCount == totals.slot;
        uint64 deadline = queue.deadlineOf(newCount);
        if (!isFull && deadline != 0 && deadline < time) revert OverdueOperationSkipped(newCount, deadline, time);
    }

    /// @dev Every deposit ever requested must find an empty leaf: transfers to new accounts stop before they take it.
    function _requireRoom(uint256 before, uint256 added) private view returns (uint256 count) {
        count = before + added;
        if (added == 0) return count;
        uint256 deposits = _priorityQueue().depositCount;
        if (deposits + count > TREE_CAPACITY) revert TreeFull(deposits, count);
    }
}
