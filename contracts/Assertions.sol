// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {AssertedBatches} from "./assertions/AssertedBatches.sol";
import {Bonds} from "./assertions/Bonds.sol";
import {Disputes} from "./assertions/Disputes.sol";
import {Finality} from "./assertions/Finality.sol";
import {StepProofs} from "./assertions/StepProofs.sol";
import {WaitingChain} from "./assertions/WaitingChain.sol";
import {IRollup} from "./interfaces/IRollup.sol";
import {IStepVerifier} from "./step/IStepVerifier.sol";
import {AssertionParameters, AssertionSetup} from "./types/AssertionTypes.sol";

/// @title Batches that wait, and disputes about them
/// @notice Composes its parts, one idea each: Bonds (the money), WaitingChain (which assertion waits), AssertedBatches (how
/// batches and proofs come in), Disputes, StepProofs (fraud), Finality. No owner, no pause, no upgrade; it holds bonds and
/// no money of users. Rules: docs/protocol.md, Optimistic mode.
contract Assertions is Finality {
    /// @param owner The rollup that this belongs to.
    /// @param executor Executes disputed records.
    constructor(
        IRollup owner,
        IStepVerifier executor,
        AssertionSetup memory setup,
        AssertionParameters memory parameters
    )
        Bonds(parameters.assertionBond, parameters.disputeBond)
        WaitingChain(owner, parameters.maxPending, setup.slotsPerChunk * setup.maxChunks)
        AssertedBatches(setup.verifier)
        Disputes(
            parameters.challengePeriod,
            parameters.answerWindow,
            parameters.stepWindow,
            setup.slotsPerChunk,
            setup.maxChunks
        )
        StepProofs(executor)
    {}
}
