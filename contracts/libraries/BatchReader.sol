// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IBatchVerifier} from "../interfaces/IBatchVerifier.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {Batch, BatchData, BatchReading, Proof, StoredHeader} from "../types/RollupTypes.sol";
import {BatchBlobs} from "./BatchBlobs.sol";
import {ChunkContext} from "./ChunkContext.sol";
import {ChunkData} from "./ChunkData.sol";
import {
    BLOB_FIELD_MODULUS,
    CHALLENGE_BITS,
    FORM_CALLDATA,
    FORM_COEFFICIENTS,
    FORM_EVALUATIONS
} from "./Constants.sol";
import {Headers} from "./Headers.sol";
import {PointEvaluation} from "./PointEvaluation.sol";
import {PriorityQueue} from "./PriorityQueue.sol";
import {QueueRules} from "./QueueRules.sol";
import {VerifierCall} from "./VerifierCall.sol";
import {VisibleLists} from "./VisibleLists.sol";
import {Withdrawals} from "./Withdrawals.sol";

/// @title What every batch obeys, however it becomes final
/// @notice docs/protocol.md, Batch and header: all but who may produce, that the parent stands, and canonical calldata.
/// @dev Linked to the rollup and called by delegatecall, since the rollup has no room for it: address(this) is the rollup.
/// It writes nothing.
library BatchReader {
    using PriorityQueue for PriorityQueue.Queue;
    using VerifierCall for bytes;

    /// @notice What the rollup has fixed for itself.
    /// @param verifier Verifier of the chunk proofs.
    /// @param slotsPerChunk M.
    /// @param maxChunks Most chunks of a batch.
    /// @param maxBatchAge Seconds.
    /// @param blobsAllowed Whether batches may have their data in blobs.
    struct Settings {
        IBatchVerifier verifier;
        uint256 slotsPerChunk;
        uint256 maxChunks;
        uint256 maxBatchAge;
        bool blobsAllowed;
    }

    /// @notice Reads a batch and verifies its proofs.
    /// @param queue The rollup's.
    /// @return header Of the batch, which may become final on this parent.
    // In memory, since the functions below read it many times.
    // solhint-disable-next-line gas-calldata-parameters
    function prove(
        PriorityQueue.Queue storage queue,
        Settings memory settings,
        StoredHeader calldata parent,
        Batch calldata batch,
        BatchData calldata data,
        Proof[] calldata proofs
    ) external view returns (StoredHeader memory header) {
        uint256 count = _requireLengths(settings.maxChunks, batch, data);
        if (proofs.length != count) revert IRollup.WrongListLength("proofs", count, proofs.length);
        bytes memory verifierCall = VerifierCall.create(proofs);
        BatchReading memory reading;
        reading.inputs = verifierCall.rowsOf(count);
        uint8 form = uint8(data.chunks.length == 0 ? FORM_COEFFICIENTS : FORM_CALLDATA);
        _read(queue, settings, parent, batch, form, data, reading);
        verifierCall.send(settings.verifier);
        return reading.header;
    }

    /// @notice Reads a batch without proofs.
    /// @param form Where its data stands.
    // solhint-disable-next-line gas-calldata-parameters
    function read(
        PriorityQueue.Queue storage queue,
        Settings memory settings,
        StoredHeader calldata parent,
        Batch calldata batch,
        uint8 form,
        BatchData calldata data
    ) external view returns (BatchReading memory reading) {
        reading.inputs = new uint256[9][](_requireLengths(settings.maxChunks, batch, data));
        _read(queue, settings, parent, batch, form, data, reading);
    }

    /// @dev Checks what a batch says and writes all of `reading`, whose inputs have their places already. Whether roots and
    /// commitments are below r is checked by the verifier, or by who calls none; the other inputs are by construction.
    /// Twin: packages/protocol/batch/next-header.ts headerOf.
    function _read(
        PriorityQueue.Queue storage queue,
        Settings memory settings,
        StoredHeader calldata parent,
        Batch calldata batch,
        uint8 form,
        BatchData calldata data,
        BatchReading memory reading
    ) private view {
        _requireTimely(settings.maxBatchAge, parent, batch);
        if (batch.roots[0] != parent.stateRoot) revert IRollup.WrongFirstRoot(parent.stateRoot, batch.roots[0]);
        reading.dataHashes = _readData(settings, form, reading.inputs.length, data);
        VisibleLists.Totals memory totals = VisibleLists.measure(data.visible, settings.slotsPerChunk);
        // Without entries there are no priority operations, and the queue's hash says nothing.
        if (totals.longest != 0) totals.rollingHash = queue.hashOfFirst(parent.priorityCount);
        reading.visibleHashes = VisibleLists.read(data.visible, totals);
        _writeInputs(batch, reading.inputs);
        if (form != FORM_EVALUATIONS) _writeSums(settings.slotsPerChunk, batch, form, data, reading);
        uint256 room = settings.slotsPerChunk * reading.inputs.length;
        _writeHeader(queue, parent, batch, form, totals, room, reading);
    }

    /// @dev Hashes of the data, which has the lengths and the number of blobs of its form.
    function _readData(Settings memory settings, uint8 form, uint256 count, BatchData calldata data)
        private
        view
        returns (bytes32[] memory)
    {
        if (form > FORM_EVALUATIONS) revert IRollup.UnknownForm(form);
        _requireLength("chunks", form == FORM_CALLDATA ? count : 0, data.chunks.length);
        _requireLength("evaluations", form == FORM_COEFFICIENTS ? count : 0, data.evaluations.length);
        _requireLength("opening", form == FORM_COEFFICIENTS ? 2 * PointEvaluation.POINT_BYTES : 0, data.opening.length);
        if (form == FORM_CALLDATA) {
            BatchBlobs.hashes(0);
            return ChunkData.hashes(data.chunks, settings.slotsPerChunk);
        }
        if (!settings.blobsAllowed) revert IRollup.BlobsNotAllowed();
        return BatchBlobs.hashes(
            form == FORM_COEFFICIENTS ? 1 : BatchBlobs.evaluationBlobs(settings.slotsPerChunk * count)
        );
    }

    /// @dev The inputs that do not depend on the data.
    function _writeInputs(Batch calldata batch, uint256[9][] memory rows) private view {
        uint256 ownDomain = Headers.domain();
        uint256[] calldata roots = batch.roots;
        uint256[] calldata commitments = batch.commitments;
        uint256[] calldata feeTokens = batch.feeTokens;
        uint256 time = batch.time;
        for (uint256 k = 0; k < rows.length; ++k) {
            uint256[9] memory inputs = rows[k];
            inputs[0] = roots[k];
            inputs[1] = roots[k + 1];
            inputs[2] = commitments[k];
            inputs[7] = ownDomain;
            inputs[8] = ChunkContext.pack(k, feeTokens[k], time);
        }
    }

    /// @dev z, the halves of y and sumV.
    function _writeSums(
        uint256 slots,
        Batch calldata batch,
        uint8 form,
        BatchData calldata data,
        BatchReading memory reading
    ) private view {
        uint256 z = Headers.challenge(address(this), form, reading.dataHashes, reading.visibleHashes, batch);
        uint256[9][] memory rows = reading.inputs;
        bool isCalldata = form == FORM_CALLDATA;
        for (uint256 k = 0; k < rows.length; ++k) {
            uint256[9] memory inputs = rows[k];
            uint256 y = isCalldata ? ChunkData.evaluate(data.chunks[k], z) : data.evaluations[k];
            // Another number below 2^255 would be the same modulo q, and the same to the proof.
            if (y >= BLOB_FIELD_MODULUS) revert IRollup.EvaluationNotInField(k, y);
            inputs[3] = z;
            inputs[4] = y & ((1 << CHALLENGE_BITS) - 1);
            inputs[5] = y >> CHALLENGE_BITS;
            inputs[6] = VisibleLists.sum(data.visible[k], z);
        }
        if (!isCalldata) BatchBlobs.requireOpening(reading.dataHashes[0], z, data.evaluations, data.opening, slots);
    }

    function _writeHeader(
        PriorityQueue.Queue storage queue,
        StoredHeader calldata parent,
        Batch calldata batch,
        uint8 form,
        VisibleLists.Totals memory totals,
        uint256 room,
        BatchReading memory reading
    ) private view {
        StoredHeader memory header = reading.header;
        header.number = batch.number;
        header.time = batch.time;
        header.parentHash = Headers.hash(parent);
        header.stateRoot = batch.roots[reading.inputs.length];
        header.chunksHash = Headers.chunksHash(form, reading.dataHashes, reading.visibleHashes, batch);
        header.withdrawalsRoot = Withdrawals.root(totals.withdrawals, totals.withdrawalCount);
        // Each takes 112 bytes of calldata, of which a transaction holds far less than 2^32.
        header.withdrawalCount = uint32(totals.withdrawalCount);
        header.priorityCount = QueueRules.requireInOrder(queue, parent.priorityCount, batch.time, totals, room);
        header.transferToNewCount =
            QueueRules.requireLeaves(queue, parent.transferToNewCount, totals.transferToNewCount);
    }

    /// @dev parent.time ≤ time ≤ block.timestamp ≤ time + maxBatchAge, and the number is the next one.
    function _requireTimely(uint256 maxBatchAge, StoredHeader calldata parent, Batch calldata batch) private view {
        if (batch.number != parent.number + 1) revert IRollup.WrongBatchNumber(parent.number + 1, batch.number);
        uint40 time = batch.time;
        if (time < parent.time) revert IRollup.BatchBeforeParent(parent.time, time);
        if (time > block.timestamp) revert IRollup.BatchInFuture(block.timestamp, time);
        if (block.timestamp > time + maxBatchAge) revert IRollup.BatchTooOld(block.timestamp - maxBatchAge, time);
    }

    /// @dev One entry a chunk in each list of the batch and in the visible lists, and one root more.
    function _requireLengths(uint256 maxChunks, Batch calldata batch, BatchData calldata data)
        private
        pure
        returns (uint256 count)
    {
        count = data.visible.length;
        if (count == 0 || count > maxChunks) revert IRollup.WrongChunkCount(maxChunks, count);
        _requireLength("roots", count + 1, batch.roots.length);
        _requireLength("commitments", count, batch.commitments.length);
        _requireLength("feeTokens", count, batch.feeTokens.length);
    }

    function _requireLength(string memory list, uint256 expected, uint256 actual) private pure {
        if (expected != actual) revert IRollup.WrongListLength(list, expected, actual);
    }
}
