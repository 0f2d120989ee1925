// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IAssertions} from "../interfaces/IAssertions.sol";
import {IBatchVerifier, IProofErrors} from "../interfaces/IBatchVerifier.sol";
import {IExodus} from "../interfaces/IExodus.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {CanonicalCalldata} from "../libraries/CanonicalCalldata.sol";
import {
    DEPOSIT_RESERVE_LEAVES,
    FIELD_MODULUS,
    FORM_CALLDATA,
    FORM_COEFFICIENTS,
    FORM_EVALUATIONS,
    MAX_BATCH_DATA_BYTES,
    MAX_CHUNK_DATA_BYTES
} from "../libraries/Constants.sol";
import {Headers} from "../libraries/Headers.sol";
import {PlainAccount} from "../libraries/PlainAccount.sol";
import {Assertion, AssertionContent, AssertionData} from "../types/AssertionTypes.sol";
import {Batch, BatchData, BatchReading, Proof, StoredHeader} from "../types/RollupTypes.sol";
import {Bonds} from "./Bonds.sol";
import {WaitingChain} from "./WaitingChain.sol";

/// @title How batches come to wait, and proofs of them
/// @notice What a batch says is checked by the rollup (`readBatch`), as if it came with proofs; who brings it, on what
/// parent and in which encoding is checked here. A batch is asserted with a bond, or comes with its proofs and waits for its
/// parent only; one that was asserted by calldata may be proven later, chunk by chunk.
abstract contract AssertedBatches is WaitingChain, Bonds {
    /// @dev Verifier of the chunk proofs, the rollup's.
    IBatchVerifier internal immutable VERIFIER;

    constructor(IBatchVerifier proofVerifier) {
        VERIFIER = proofVerifier;
    }

    /// @inheritdoc IAssertions
    function assertBatch(
        StoredHeader calldata parent,
        Batch calldata batch,
        AssertionData calldata data
    ) external payable override returns (uint64) {
        _requireBond(assertionBond);
        (uint64 finalNumber,) = _requirePlace(parent);
        if (_bondedCount(finalNumber, parent.number) >= maxPending) revert TooManyPending(maxPending);
        CanonicalCalldata.checkAssertion();
        uint256 chunkCount = data.chunks.length;
        uint8 form = uint8(chunkCount == 0 ? FORM_EVALUATIONS : FORM_CALLDATA);
        BatchReading memory reading = rollup.readBatch(
            parent, batch, form, BatchData(data.chunks, data.visible, new uint256[](0), "")
        );
        _requireFreeLeaves(parent.transferToNewCount, reading.header.transferToNewCount);
        _requireLength("authorizations", chunkCount, data.authorizations.length);
        _requireInField(reading.inputs);
        bytes32 content = _contentHash(
            AssertionContent(
                form, reading.inputs, reading.dataHashes, _readAuthorizations(data), reading.visibleHashes
            )
        );
        return _wait(finalNumber, reading.header, content, reading.inputs.length, false);
    }

    /// @inheritdoc IAssertions
    function submitBatch(
        StoredHeader calldata parent,
        Batch calldata batch,
        BatchData calldata data,
        Proof[] calldata proofs
    ) external override returns (uint64) {
        (uint64 finalNumber, bytes32 parentHash) = _requirePlace(parent);
        if (parent.number == finalNumber) revert ParentIsFinal(parentHash);
        CanonicalCalldata.checkProofs();
        uint8 form = uint8(data.chunks.length == 0 ? FORM_COEFFICIENTS : FORM_CALLDATA);
        BatchReading memory reading = rollup.readBatch(parent, batch, form, data);
        _requireFreeLeaves(parent.transferToNewCount, reading.header.transferToNewCount);
        uint256 count = reading.inputs.length;
        _requireLength("proofs", count, proofs.length);
        _requireAccepted(VERIFIER.verify(reading.inputs, proofs));
        // Nothing about it will be disputed or proven, so its content is not kept.
        return _wait(finalNumber, reading.header, 0, count, true);
    }

    /// @inheritdoc IAssertions
    function submitProofs(
        uint64 assertionId,
        AssertionContent calldata content,
        uint256 firstChunk,
        Proof[] calldata proofs
    ) external override {
        Assertion storage asserted = _pendingAssertion(assertionId);
        _requireContent(asserted, content);
        if (content.form != FORM_CALLDATA) revert NotProvable(assertionId);
        uint256 count = asserted.chunkCount;
        if (firstChunk >= count) revert ChunkOutOfRange(count, firstChunk);
        // firstChunk < 64, and a list in calldata is far shorter than 2^64: no overflow.
        uint256 end = firstChunk + proofs.length;
        if (end > count) revert ChunkOutOfRange(count, end - 1);
        _requireAccepted(VERIFIER.verify(content.inputs[firstChunk:end], proofs));
        asserted.provenChunks |= uint64(_bitsOf(end) & ~_bitsOf(firstChunk));
        emit ChunksProven(assertionId, firstChunk, proofs.length);
    }

    /// @dev The content hashes to what was asserted.
    function _requireContent(Assertion storage asserted, AssertionContent calldata content) internal view {
        bytes32 actual = _contentHash(content);
        if (asserted.contentHash != actual) revert WrongContent(asserted.contentHash, actual);
    }

    /// @dev Twin: packages/protocol/batch/assertion.ts contentHash.
    function _contentHash(AssertionContent memory content) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                content.form,
                content.inputs,
                content.dataHashes,
                content.authorizationHashes,
                content.visibleHashes
            )
        );
    }

    /// @dev All chunks are proven.
    function _markProven(Assertion storage asserted) internal {
        asserted.provenChunks = uint64(_bitsOf(asserted.chunkCount));
    }

    /// @dev Whether all chunks are proven.
    function _isProven(Assertion storage asserted) internal view returns (bool) {
        return asserted.provenChunks == _bitsOf(asserted.chunkCount);
    }

    /// @dev Whether a chunk is proven. chunk < 64.
    function _isChunkProven(Assertion storage asserted, uint256 chunk) internal view returns (bool) {
        return (asserted.provenChunks >> chunk) & 1 == 1;
    }

    /// @dev The lowest `count` bits. count ≤ 64.
    function _bitsOf(uint256 count) private pure returns (uint256) {
        return (1 << count) - 1;
    }

    /// @dev Who asserts, and on what: as `submitBatch` of the rollup asks, but on the last waiting batch.
    /// @return finalNumber Of the last final batch.
    /// @return parentHash Hash of the parent's header.
    function _requirePlace(StoredHeader calldata parent)
        private
        view
        returns (uint64 finalNumber, bytes32 parentHash)
    {
        if (IExodus(address(rollup)).isExodusActive()) revert IExodus.ExodusActive();
        PlainAccount.requireCaller();
        if (!rollup.isProducer(msg.sender) && !rollup.isProducingOpen()) revert IRollup.NotProducer(msg.sender);
        uint64 last;
        (finalNumber, last) = _pendingRange();
        parentHash = Headers.hash(parent);
        bytes32 expected = _parentHash(finalNumber, last);
        if (expected != parentHash) revert IRollup.WrongParent(expected, parentHash);
    }

    /// @dev The transfersToNew that wait fit the leaves that deposits leave free, or one could take the leaf of a deposit
    /// that is requested after it. Proven batches wait in any number, so MAX_PENDING does not bound it.
    function _requireFreeLeaves(uint64 before, uint64 count) private view {
        if (count == before) return;
        (,, uint64 finalCount) = rollup.finalState();
        // The batch stands on the final ones, so its count is not below theirs.
        uint256 waiting = count - finalCount;
        if (waiting > DEPOSIT_RESERVE_LEAVES) revert TooManyNewAccounts(DEPOSIT_RESERVE_LEAVES, waiting);
    }

    /// @dev The hashes of the authorizations of chunks in calldata. Each chunk fits a transaction that proves one of its steps,
    /// and the whole batch fits one too.
    function _readAuthorizations(AssertionData calldata data) private pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](data.chunks.length);
        uint256 total;
        for (uint256 k = 0; k < hashes.length; ++k) {
            bytes calldata authorizations = data.authorizations[k];
            uint256 length = data.chunks[k].length + authorizations.length + data.visible[k].length;
            if (length > MAX_CHUNK_DATA_BYTES) revert TooMuchData(MAX_CHUNK_DATA_BYTES, length);
            total += length;
            hashes[k] = keccak256(authorizations);
        }
        if (total > MAX_BATCH_DATA_BYTES) revert TooMuchData(MAX_BATCH_DATA_BYTES, total);
    }

    /// @dev No verifier is called, which would refuse roots and commitments ≥ r: it is done here. The first root is the
    /// parent's.
    function _requireInField(uint256[9][] memory inputs) private pure {
        for (uint256 k = 0; k < inputs.length; ++k) {
            uint256[9] memory row = inputs[k];
            if (row[1] >= FIELD_MODULUS) revert IProofErrors.InputNotInField(k, 1, row[1]);
            if (row[2] >= FIELD_MODULUS) revert IProofErrors.InputNotInField(k, 2, row[2]);
        }
    }

    /// @dev Nothing but the exact answer is a yes (IBatchVerifier); the compiler has refused one of fewer than 32 bytes.
    function _requireAccepted(bytes4 answer) private view {
        if (answer != IBatchVerifier.verify.selector) {
            revert IProofErrors.WrongVerifierAnswer(address(VERIFIER), 32, answer);
        }
    }

    /// @dev A list has as many entries as it should.
    function _requireLength(string memory list, uint256 expected, uint256 actual) internal pure {
        if (expected != actual) revert IRollup.WrongListLength(list, expected, actual);
    }

    function _wait(uint64 finalNumber, StoredHeader memory header, bytes32 contentHash, uint256 count, bool isProven)
        private
        returns (uint64 assertionId)
    {
        bytes32 headerHash = Headers.hash(header);
        assertionId = _append(
            finalNumber,
            header.number - 1,
            Assertion({
                headerHash: headerHash,
                contentHash: contentHash,
                asserter: msg.sender,
                assertedAt: uint40(block.timestamp),
                // ≤ maxChunks ≤ 64 (Disputes)
                chunkCount: uint8(count),
                isRejected: false,
                // A proven batch came without a bond.
                isReleased: isProven,
                number: header.number,
                provenChunks: isProven ? uint64(_bitsOf(count)) : 0,
                disputedChunks: 0,
                bondedCount: 0
            })
        );
        emit BatchAsserted(assertionId, header.number, headerHash, msg.sender, isProven, header);
    }
}
