// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {StepContext, StepOutcome, StepRecord, StepState, StepWitness} from "./StepTypes.sol";

/// @title Executes one record on L1
/// @notice Total: for every record and every state that a chain of valid records leads to there is a witness with which it
/// answers; with any other witness it reverts or gives the same answer.
interface IStepVerifier {
    /// @notice The record has more than 124 bits, which no chunk data can say.
    error RecordTooWide(uint256 record);
    /// @notice A signed record has an authorization of another length than 69 bytes or none.
    error WrongAuthorizationLength(uint256 length);
    /// @notice The leaves and siblings do not lead to the state root.
    error WrongStateProof(uint256 expectedRoot, uint256 actualRoot);
    /// @notice A key or sibling is not below the order of the scalar field.
    error WitnessNotInField(uint256 value);
    /// @notice A point with this y exists, but the witness does not have its x.
    error WrongCoordinate(uint256 y, uint256 x);
    /// @notice The precompiled contract for modular exponentiation failed, which it does for want of gas only.
    error ExponentiationFailed();
    /// @notice The contract given as hash computes another one.
    error WrongHash(address hasher);

    /// @notice The outcome of one record.
    /// @param before The state before it.
    /// @param context What holds for the whole chunk.
    /// @param step The record.
    /// @param witness Untrusted; packages/protocol/step/witness.ts makes it.
    function executeStep(
        StepState calldata before,
        StepContext calldata context,
        StepRecord calldata step,
        StepWitness calldata witness
    ) external view returns (StepOutcome memory);

    /// @notice Commitment to the state between two records: keccak(abi(uint256 stateRoot, uint256[4] fees, uint256[4]
    /// feeTokens, uint256 visibleCount)).
    function commitmentOf(StepState calldata state, uint256[4] calldata feeTokens) external pure returns (bytes32);
}
