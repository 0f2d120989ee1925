// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IAssertions} from "../interfaces/IAssertions.sol";
import {IStepVerifier} from "../step/IStepVerifier.sol";
import {StepOutcome, StepState} from "../step/StepTypes.sol";
import {Assertion, ChunkDisputes, StepProof} from "../types/AssertionTypes.sol";
import {Disputes} from "./Disputes.sol";
import {StepJudge} from "./StepJudge.sol";

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
        (StepOutcome memory outcome, bool isRight) = StepJudge.judge(proof, stepVerifier, SLOTS_PER_CHUNK);
        if (isRight) revert NoFraud(proof.assertionId, proof.chunk, proof.slot);
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

    /// @dev The caller committed to this outcome in an earlier block.
    function _requireCommitted(StepProof calldata proof, StepOutcome memory outcome) private view {
        StepState memory state = outcome.state;
        bytes32 outcomeHash =
            keccak256(abi.encode(uint8(outcome.result), state.stateRoot, state.fees, state.visibleCount));
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
}
