// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IAssertions} from "../interfaces/IAssertions.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {Headers} from "../libraries/Headers.sol";
import {Assertion, ChunkDisputes} from "../types/AssertionTypes.sol";
import {StoredHeader} from "../types/RollupTypes.sol";
import {StepProofs} from "./StepProofs.sol";

/// @title How waiting batches become final, and what becomes of their bonds
/// @notice docs/protocol.md, Finality. In order, each on the last final batch, whoever asks.
abstract contract Finality is StepProofs {
    /// @dev What one proof overtook.
    /// @param firstId The batch that waited there.
    /// @param lastId The last id given until then: all from `firstId` on stood on that batch.
    struct Overtaken {
        uint64 firstId;
        uint64 lastId;
    }

    /// @dev Stands for "every disputed chunk was answered or proven".
    uint256 private constant NO_CHUNK = type(uint256).max;

    /// @dev What each account overtook by proofs of its own, the oldest first. Ids are in the order of time, so no two overlap.
    mapping(address producer => Overtaken[] ranges) private _overtaken;

    /// @inheritdoc IAssertions
    function finalizeBatches(StoredHeader[] calldata headers) external override {
        (uint64 finalNumber, uint64 last) = _pendingRange();
        for (uint256 i = 0; i < headers.length; ++i) {
            StoredHeader calldata header = headers[i];
            uint64 number = ++finalNumber;
            if (header.number != number) revert IRollup.WrongBatchNumber(number, header.number);
            if (number > last) revert AssertionNotPending(0);
            _finalize(_idOf(number), header);
        }
    }

    /// @inheritdoc IAssertions
    function releaseBond(uint64 assertionId) external override {
        Assertion storage asserted = _assertion(assertionId);
        if (asserted.isRejected || asserted.isReleased) revert NoBond(assertionId);
        if (isPending(assertionId)) revert AssertionPending(assertionId);
        // Proven in the rollup, by the same batch, or removed: disputes that are settled later see it.
        if (_isFinal(assertionId, asserted)) {
            _markProven(asserted);
            _release(assertionId, asserted);
            return;
        }
        _forget(assertionId, asserted.number);
        if (_isOvertakenByOwn(assertionId, asserted.asserter)) _forfeitOwn(assertionId, asserted);
        else _release(assertionId, asserted);
    }

    /// @inheritdoc IAssertions
    function noteProof(uint64 number, address producer) external override {
        if (msg.sender != address(rollup)) revert NotRollup(msg.sender);
        uint64 firstId = _overtakenId(number);
        if (firstId == 0) return;
        _overtaken[producer].push(Overtaken(firstId, _assertionCount()));
        emit BatchesOvertaken(number, producer);
    }

    /// @inheritdoc IAssertions
    function isFinalizable() external view override returns (bool) {
        (uint64 finalNumber, uint64 last) = _pendingRange();
        if (last == finalNumber) return false;
        uint64 assertionId = _idOf(finalNumber + 1);
        (uint256 openChunk, uint256 deadline) = _finality(assertionId, _assertion(assertionId));
        return openChunk == NO_CHUNK && block.timestamp > deadline;
    }

    function _finalize(uint64 assertionId, StoredHeader calldata header) private {
        Assertion storage asserted = _assertion(assertionId);
        bytes32 headerHash = Headers.hash(header);
        if (asserted.headerHash != headerHash) revert WrongAssertion(assertionId, asserted.headerHash, headerHash);
        (uint256 openChunk, uint256 deadline) = _finality(assertionId, asserted);
        if (openChunk != NO_CHUNK) revert NotAnswered(assertionId, openChunk);
        _requireAfter(deadline);

        if (!asserted.isReleased) _release(assertionId, asserted);
        rollup.finalizeAsserted(header, asserted.asserter);
    }

    function _release(uint64 assertionId, Assertion storage asserted) private {
        asserted.isReleased = true;
        emit BondReleased(assertionId);
        _return(asserted.asserter, assertionBond);
    }

    /// @dev Who takes back its own batches by a proof of another one pays for all that relied on them.
    function _forfeitOwn(uint64 assertionId, Assertion storage asserted) private {
        asserted.isReleased = true;
        emit BondForfeited(assertionId);
        _burn(assertionBond);
    }

    /// @dev Whether the asserter overtook this batch or one that it stands on: not what it asserted on other batches before.
    function _isOvertakenByOwn(uint64 assertionId, address asserter) private view returns (bool) {
        Overtaken[] storage ranges = _overtaken[asserter];
        // Only own proofs since the assertion are passed by: nobody else can make this dear.
        for (uint256 i = ranges.length; i > 0; --i) {
            Overtaken memory range = ranges[i - 1];
            if (range.firstId <= assertionId) return assertionId <= range.lastId;
        }
        return false;
    }

    /// @dev What a waiting batch still waits for, its parent aside.
    /// Twin: packages/protocol/batch/clocks.ts finalAfter.
    /// @return openChunk A disputed chunk that is neither answered nor proven, or NO_CHUNK.
    /// @return deadline It becomes final after this time; 0 when all chunks are proven.
    function _finality(uint64 assertionId, Assertion storage asserted)
        private
        view
        returns (uint256 openChunk, uint256 deadline)
    {
        openChunk = NO_CHUNK;
        if (_isProven(asserted)) return (openChunk, 0);
        deadline = uint256(asserted.assertedAt) + challengePeriod;
        uint256 bits = asserted.disputedChunks & ~asserted.provenChunks;
        for (uint256 chunk = 0; bits >> chunk != 0; ++chunk) {
            if ((bits >> chunk) & 1 == 0) continue;
            ChunkDisputes memory disputes = _disputesOf(assertionId, chunk);
            if (disputes.answeredAt == 0) return (chunk, deadline);
            uint256 since =
                disputes.answeredAt > disputes.lastDisputeAt ? disputes.answeredAt : disputes.lastDisputeAt;
            if (since + stepWindow > deadline) deadline = since + stepWindow;
        }
    }
}
