// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {EMPTY_STATE_ROOT, FEE_TOKEN_FILLER, KIND_MOVE, KIND_SHIFT} from "../libraries/Constants.sol";
import {IStepVerifier} from "../step/IStepVerifier.sol";
import {StepContext, StepOutcome, StepRecord, StepResult, StepState, StepWitness} from "../step/StepTypes.sol";

/// @title What a deployment asks of a step verifier before it is trusted
/// @notice Compares whole answers, so an address without code, an empty answer and another contract all fail.
library StepVerifierCheck {
    /// @notice Whether it leaves the empty state as it is after a noop, and calls the first reserved kind invalid.
    function tellsRecordsApart(IStepVerifier executor) internal view returns (bool) {
        StepState memory empty;
        empty.stateRoot = EMPTY_STATE_ROOT;
        StepState memory none;
        return _answers(executor, empty, 0, StepOutcome(StepResult.Valid, empty))
            && _answers(
                executor, empty, (KIND_MOVE + 1) << KIND_SHIFT, StepOutcome(StepResult.ReservedKind, none)
            );
    }

    function _answers(IStepVerifier executor, StepState memory before, uint256 record, StepOutcome memory expected)
        private
        view
        returns (bool)
    {
        StepContext memory context;
        for (uint256 i = 0; i < 4; ++i) {
            context.feeTokens[i] = FEE_TOKEN_FILLER;
        }
        StepRecord memory step;
        step.record = record;
        StepWitness memory witness;
        (bool success, bytes memory answer) =
            address(executor).staticcall(abi.encodeCall(IStepVerifier.executeStep, (before, context, step, witness)));
        return success && keccak256(answer) == keccak256(abi.encode(expected));
    }
}
