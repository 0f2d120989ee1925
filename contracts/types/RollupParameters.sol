// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IAssertionsFactory} from "../interfaces/IAssertionsFactory.sol";
import {IBatchVerifier} from "../interfaces/IBatchVerifier.sol";
import {IPoseidon4} from "../interfaces/IPoseidon4.sol";
import {AssertionParameters} from "./AssertionTypes.sol";

/// @notice Everything that is fixed when a rollup is deployed. Periods are in seconds, fees in wei.
/// @param owner May set producers and the priority fee, nothing else; expected to be a timelock.
/// @param verifier Verifier of the chunk proofs.
/// @param poseidon Hash of the state tree, for exits.
/// @param slotsPerChunk M, even.
/// @param maxChunks Most chunks of a batch (K).
/// @param maxBatchAge A batch is refused when its time lies further back than this.
/// @param blobsAllowed Whether batches may have their data in blobs.
/// @param priorityDelay D: a priority operation is due this long after its request, at the earliest.
/// @param priorityInterval Δ: least time between the deadlines of two pending priority operations.
/// @param livenessTimeout An operation overdue for longer than this opens producing to all.
/// @param exodusDelay An operation overdue for longer than this allows the exodus.
/// @param priorityFee First fee of a priority operation.
/// @param maxPriorityFee Highest fee that the owner can set.
/// @param producers First producers.
/// @param assertionsFactory Creates the assertions; 0 for a rollup without optimistic mode.
/// @param optimistic What is fixed for them; not read without them.
struct RollupParameters {
    address owner;
    IBatchVerifier verifier;
    IPoseidon4 poseidon;
    uint32 slotsPerChunk;
    uint32 maxChunks;
    uint40 maxBatchAge;
    bool blobsAllowed;
    uint40 priorityDelay;
    uint40 priorityInterval;
    uint40 livenessTimeout;
    uint40 exodusDelay;
    uint128 priorityFee;
    uint128 maxPriorityFee;
    address[] producers;
    IAssertionsFactory assertionsFactory;
    AssertionParameters optimistic;
}
