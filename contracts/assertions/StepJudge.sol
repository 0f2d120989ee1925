// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IAssertions} from "../interfaces/IAssertions.sol";
import {CONTEXT_TIME_SHIFT, FEE_TOKEN_BITS, FORM_CALLDATA, KIND_SHIFT} from "../libraries/Constants.sol";
import {StepRecords} from "../libraries/StepRecords.sol";
import {IStepVerifier} from "../step/IStepVerifier.sol";
import {StepCommitment} from "../step/StepCommitment.sol";
import {StepShape} from "../step/StepShape.sol";
import {StepContext, StepOutcome, StepRecord, StepResult, StepState} from "../step/StepTypes.sol";
import {AssertionContent, StepProof} from "../types/AssertionTypes.sol";

/// @title What one record of an answered chunk does, and whether the asserter said so
/// @notice What a proof brings is either that of the asserter, to the byte, or refused. So for each slot there is one record
/// with one authorization and one set of words, or none, and the prover chooses nothing.
/// @dev Linked to the assertions, which have no room for it. The caller has compared content and commitments with what it
/// keeps, and chunk and slot with their counts.
library StepJudge {
    /// @dev Places among the public inputs of a chunk (docs/protocol.md, Chunk).
    uint256 private constant OLD_ROOT_INPUT = 0;
    uint256 private constant NEW_ROOT_INPUT = 1;
    uint256 private constant DOMAIN_INPUT = 7;
    uint256 private constant CONTEXT_INPUT = 8;

    /// @notice Executes the record.
    /// @param slots M.
    /// @return outcome Of the record.
    /// @return isRight Whether it is valid and leads to the state that the asserter named.
    function judge(StepProof calldata proof, IStepVerifier executor, uint256 slots)
        external
        view
        returns (StepOutcome memory outcome, bool isRight)
    {
        _requireVisibleList(proof);
        uint256[9] calldata inputs = proof.content.inputs[proof.chunk];
        StepContext memory context = _contextOf(inputs);
        _requireStateBefore(proof, inputs[OLD_ROOT_INPUT], context.feeTokens);
        outcome = executor.executeStep(proof.before, context, _readRecord(proof, slots), proof.witness);
        isRight = outcome.result == StepResult.Valid
            && _commitmentOf(outcome.state, context.feeTokens)
                == _commitmentAfter(proof, slots, inputs[NEW_ROOT_INPUT], context.feeTokens);
    }

    /// @dev The entry hashes are those of the chunk's visible list, all of them.
    function _requireVisibleList(StepProof calldata proof) private pure {
        bytes32 expected = proof.content.visibleHashes[proof.chunk];
        bytes32 actual = keccak256(abi.encodePacked(proof.entryHashes));
        if (expected != actual) revert IAssertions.WrongVisibleList(expected, actual);
    }

    /// @dev The record with its authorization, from where the batch keeps them, and its words, from the visible list.
    function _readRecord(StepProof calldata proof, uint256 slots) private view returns (StepRecord memory step) {
        if (proof.content.form == FORM_CALLDATA) {
            _requireChunk(proof);
            if (proof.openings.length != 0) revert IAssertions.WrongOpeningsLength(0, proof.openings.length);
            (step.record, step.authorization) =
                StepRecords.fromCalldata(proof.data, proof.authorizations, proof.slot);
        } else {
            _requireNoChunk(proof);
            (step.record, step.authorization) = StepRecords.fromOpenings(
                proof.openings, proof.content.dataHashes, proof.chunk * slots + proof.slot
            );
        }
        _requireEntry(proof, step.record);
        step.words = StepRecords.wordsOf(step.record, proof.entry);
    }

    /// @dev Form 0: data and authorizations are those of the chunk.
    function _requireChunk(StepProof calldata proof) private pure {
        AssertionContent calldata content = proof.content;
        _requireHash(content.dataHashes[proof.chunk], content.authorizationHashes[proof.chunk], proof);
    }

    /// @dev Form 2: there is nothing but blobs.
    function _requireNoChunk(StepProof calldata proof) private pure {
        _requireHash(keccak256(""), keccak256(""), proof);
    }

    function _requireHash(bytes32 dataHash, bytes32 authorizationHash, StepProof calldata proof) private pure {
        bytes32 actual = keccak256(proof.data);
        if (dataHash != actual) revert IAssertions.WrongChunkData(dataHash, actual);
        actual = keccak256(proof.authorizations);
        if (authorizationHash != actual) revert IAssertions.WrongAuthorizations(authorizationHash, actual);
    }

    /// @dev The entry is the one with the number of the visible records before, or none where there is no such one.
    function _requireEntry(StepProof calldata proof, uint256 record) private pure {
        uint256 number = proof.before.visibleCount;
        bool exists = StepShape.isVisible(record >> KIND_SHIFT) && number < proof.entryHashes.length;
        bytes32 expected = exists ? proof.entryHashes[number] : keccak256("");
        bytes32 actual = keccak256(proof.entry);
        if (expected != actual) revert IAssertions.WrongVisibleEntry(expected, actual);
    }

    /// @dev The state before the record is the one that was committed to.
    function _requireStateBefore(StepProof calldata proof, uint256 oldRoot, uint256[4] memory feeTokens) private pure {
        uint256[4] memory noFees;
        bytes32 expected = proof.slot == 0
            ? StepCommitment.hash(oldRoot, noFees, feeTokens, 0)
            : proof.commitments[proof.slot - 1];
        bytes32 actual = _commitmentOf(proof.before, feeTokens);
        if (expected != actual) revert IAssertions.WrongStateBefore(expected, actual);
    }

    /// @dev What the asserter says of the state behind the record: after the last one, the new root, no fees, and as many
    /// visible records as the list has entries.
    function _commitmentAfter(StepProof calldata proof, uint256 slots, uint256 newRoot, uint256[4] memory feeTokens)
        private
        pure
        returns (bytes32)
    {
        uint256[4] memory noFees;
        return proof.slot + 1 == slots
            ? StepCommitment.hash(newRoot, noFees, feeTokens, proof.entryHashes.length)
            : proof.commitments[proof.slot];
    }

    function _commitmentOf(StepState memory state, uint256[4] memory feeTokens) private pure returns (bytes32) {
        return StepCommitment.hash(state.stateRoot, state.fees, feeTokens, state.visibleCount);
    }

    /// @dev Domain, batch time and fee tokens from the public inputs of the chunk.
    function _contextOf(uint256[9] calldata inputs) private pure returns (StepContext memory context) {
        uint256 packed = inputs[CONTEXT_INPUT];
        context.domain = inputs[DOMAIN_INPUT];
        // 40 bits, as the rollup has packed it.
        context.batchTime = uint40(packed >> CONTEXT_TIME_SHIFT);
        for (uint256 i = 0; i < 4; ++i) {
            context.feeTokens[i] = (packed >> (FEE_TOKEN_BITS * i)) & ((1 << FEE_TOKEN_BITS) - 1);
        }
    }
}
