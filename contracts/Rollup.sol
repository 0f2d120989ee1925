// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {BatchRules} from "./base/BatchRules.sol";
import {Batches} from "./base/Batches.sol";
import {Exodus} from "./base/Exodus.sol";
import {Imports} from "./base/Imports.sol";
import {Moves} from "./base/Moves.sol";
import {OptimisticMode} from "./base/OptimisticMode.sol";
import {Producers} from "./base/Producers.sol";
import {Requests} from "./base/Requests.sol";
import {RollupParameters} from "./types/RollupParameters.sol";

/// @title The rollup on L1
/// @notice Composes its parts, one idea each: FinalChain (final headers), Tokens (what is owed), Producers (who may
/// produce), Requests (deposits, exit requests), Batches (`submitBatch`), OptimisticMode (batches that waited), Claims
/// (withdrawals), Moves and Imports (to and from other rollups), Exodus (the way out). No pause, no upgrade.
/// Rules: docs/protocol.md.
contract Rollup is Exodus, Moves, Imports {
    constructor(RollupParameters memory parameters)
        Producers(
            parameters.owner, parameters.maxPriorityFee, parameters.priorityFee, parameters.producers
        )
        Requests(parameters.priorityDelay, parameters.priorityInterval)
        BatchRules(
            parameters.verifier,
            parameters.slotsPerChunk,
            parameters.maxChunks,
            parameters.maxBatchAge,
            parameters.blobsAllowed
        )
        Batches(parameters.livenessTimeout)
        OptimisticMode(parameters.assertionsFactory, parameters.optimistic, parameters.exodusDelay)
        Exodus(parameters.exodusDelay, parameters.poseidon)
    {}
}
