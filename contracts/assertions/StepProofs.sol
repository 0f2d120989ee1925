// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IAssertions} from "../interfaces/IAssertions.sol";
import {CONTEXT_TIME_SHIFT, FEE_TOKEN_BITS} from "../libraries/Constants.sol";
import {StepRecords} from "../libraries/StepRecords.sol";
import {IStepVerifier} from "../step/IStepVerifier.sol";
import {StepCommitment} from "../step/StepCommitment.sol";
import {StepContext, StepOutcome, StepResult} from "../step/StepTypes.sol";
import {Assertion, ChunkDisputes, StepProof} from "../types/AssertionTypes.sol";
import {Disputes} from "./Disputes.sol";

/// @title Fraud proofs of one step
/// @notice The answer of a disputed chunk is a list of states; where two neighbors do not follow from each other, executing
/// one record shows it. The first state is the chunk's old root and the last its new root, so a false chunk has such a
/// place, and the first one's state before is known to whoever executed the batches before it.
/// @dev Whoever proves has committed to the outcome in an earlier block, or a proof could be copied on its way to L1.
abstract contract StepProofs is Disputes {
    /// @inheritdoc IAssertions
    IStepVerifier public immutable override stepVerifier;

    mapping(bytes32 commitment => uint256 blockNumber) private _committedAt;

    constructor(IStepVerifier executor) {
        stepVerifier = executor;
    }

    /// @inheritdoc IAssertions
    function commitStep(bytes32 commitment) external override {
        if (_committedAt[commitment] != 0) revert AlreadyCommitted(commitment);
        _committedAt[commitment] = block.number;
        emit StepCommitted(commitment, msg.sender);
    }

    /// @inheritdoc IAssertions
    /// @dev Twin: packages/protocol/step/outcome.ts stepProofCommitment.
    function proveStep(StepProof calldata proof) external override {
        Assertion storage asserted = _pendingAssertion(proof.assertionId);
        _requireContent(asserted, proof.content);
        if (proof.chunk >= asserted.chunkCount) revert ChunkOutOfRange(asserted.chunkCount, proof.chunk);
        _requireUnproven(proof.assertionId, asserted, proof.chunk);
        if (proof.slot >= SLOTS_PER_CHUNK) revert SlotOutOfRange(SLOTS_PER_CHUNK, proof.slot);
        _requireAnswer(proof);
        _requireChunk(proof);

        uint256[9] calldata inputs = proof.content.inputs[proof.chunk];
        StepContext memory context = _contextOf(inputs);
        _requireStateBefore(proof, inputs[0], context.feeTokens);
        StepOutcome memory outcome = stepVerifier.executeStep(
            proof.before,
            context,
            StepRecords.read(proof.data, proof.authorizations, SLOTS_PER_CHUNK, proof.slot),
            proof.witness
        );
        if (
            outcome.result == StepResult.Valid
                && StepCommitment.hash(outcome.state.stateRoot, outcome.state.fees, context.feeTokens)
                    == _commitmentAfter(proof, proof.slot, inputs[1], context.feeTokens)
        ) revert NoFraud(proof.assertionId, proof.chunk, proof.slot);
        _requireCommitted(proof, outcome);

        emit StepProven(proof.assertionId, proof.chunk, proof.slot, outcome.result);
        _reject(proof.assertionId, asserted, msg.sender, false);
    }

    /// @inheritdoc IAssertions
    function stepCommittedAt(bytes32 commitment) external view override returns (uint256) {
        return _committedAt[commitment];
    }

    /// @dev The commitments are those of the asserter: M − 1 of them.
    function _requireAnswer(StepProof calldata proof) private view {
        ChunkDisputes storage disputes = _disputesOf(proof.assertionId, proof.chunk);
        bytes32 expected = disputes.answerHash;
        if (expected == 0) revert NotAnswered(proof.assertionId, proof.chunk);
        bytes32 actual = _answerHash(proof.commitments);
        if (expected != actual) revert WrongAnswer(expected, actual);
    }

    /// @dev Data and authorizations are those of the chunk.
    function _requireChunk(StepProof calldata proof) private pure {
        bytes32 dataHash = keccak256(proof.data);
        bytes32 expectedData = proof.content.dataHashes[proof.chunk];
        if (expectedData != dataHash) revert WrongChunkData(expectedData, dataHash);
        bytes32 expected = proof.content.authorizationHashes[proof.chunk];
        bytes32 actual = keccak256(proof.authorizations);
        if (expected != actual) revert WrongAuthorizations(expected, actual);
    }

    /// @dev The state before the record is the one that was committed to.
    function _requireStateBefore(StepProof calldata proof, uint256 oldRoot, uint256[4] memory feeTokens) private pure {
        uint256[4] memory noFees;
        bytes32 expected =
            proof.slot == 0 ? StepCommitment.hash(oldRoot, noFees, feeTokens) : proof.commitments[proof.slot - 1];
        bytes32 actual = StepCommitment.hash(proof.before.stateRoot, proof.before.fees, feeTokens);
        if (expected != actual) revert WrongStateBefore(expected, actual);
    }

    /// @dev What the asserter says of the state behind the record: after the last one, the new root and no fees.
    function _commitmentAfter(StepProof calldata proof, uint256 slot, uint256 newRoot, uint256[4] memory feeTokens)
        private
        view
        returns (bytes32)
    {
        uint256[4] memory noFees;
        return
            slot + 1 == SLOTS_PER_CHUNK
                ? StepCommitment.hash(newRoot, noFees, feeTokens)
                : proof.commitments[slot];
    }

    /// @dev The caller committed to this outcome in an earlier block.
    function _requireCommitted(StepProof calldata proof, StepOutcome memory outcome) private view {
        bytes32 outcomeHash =
            keccak256(abi.encode(uint8(outcome.result), outcome.state.stateRoot, outcome.state.fees));
        bytes32 commitment = keccak256(
            abi.encode(
                msg.sender,
                proof.salt,
                proof.assertionId,
                uint256(proof.chunk),
                uint256(proof.slot),
                outcomeHash
            )
        );
        uint256 blockNumber = _committedAt[commitment];
        if (blockNumber == 0 || blockNumber >= block.number) revert StepNotCommitted(commitment);
    }

    /// @dev Domain, batch time and fee tokens from the public inputs of the chunk.
    function _contextOf(uint256[9] calldata inputs) private pure returns (StepContext memory context) {
        uint256 packed = inputs[8];
        context.domain = inputs[7];
        // 40 bits, as the assertion has packed it.
        context.batchTime = uint40(packed >> CONTEXT_TIME_SHIFT);
        for (uint256 i = 0; i < 4; ++i) {
            context.feeTokens[i] = (packed >> (FEE_TOKEN_BITS * i)) & ((1 << FEE_TOKEN_BITS) - 1);
        }
    }
}
