// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IBatchVerifier} from "../interfaces/IBatchVerifier.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {BatchReader} from "../libraries/BatchReader.sol";
import {BLOB_ELEMENTS, RECORDS_PER_BLOCK} from "../libraries/Constants.sol";
import {Headers} from "../libraries/Headers.sol";
import {PointEvaluation} from "../libraries/PointEvaluation.sol";
import {VerifierCall} from "../libraries/VerifierCall.sol";
import {Batch, BatchData, BatchReading, StoredHeader} from "../types/RollupTypes.sol";
import {Requests} from "./Requests.sol";

/// @title What is fixed about batches
/// @notice The rules themselves stand in BatchReader. `submitBatch` goes through it, and the assertions do by `readBatch`,
/// so that each rule stands on L1 once.
abstract contract BatchRules is Requests {
    /// @inheritdoc IRollup
    IBatchVerifier public immutable override verifier;
    /// @inheritdoc IRollup
    uint256 public immutable override slotsPerChunk;
    /// @inheritdoc IRollup
    uint256 public immutable override maxChunks;
    /// @inheritdoc IRollup
    uint256 public immutable override maxBatchAge;
    /// @inheritdoc IRollup
    bool public immutable override blobsAllowed;

    /// @param proofVerifier Shown a wrong proof here: one that takes everything would make everything final.
    /// @param allowsBlobs The precompile that opens blobs is asked here, or a batch in a blob could never become final; and the
    /// largest batch must fit a blob.
    constructor(IBatchVerifier proofVerifier, uint32 slots, uint32 chunks, uint40 batchAge, bool allowsBlobs) {
        if (slots == 0 || slots % RECORDS_PER_BLOCK != 0) revert InvalidParameter("slotsPerChunk", slots);
        if (chunks == 0) revert InvalidParameter("maxChunks", chunks);
        if (!VerifierCall.refusesWrongProof(proofVerifier)) {
            revert InvalidParameter("verifier", uint256(uint160(address(proofVerifier))));
        }
        if (allowsBlobs) {
            // 32 bits each: no overflow.
            uint256 blocks = uint256(slots) / RECORDS_PER_BLOCK * chunks;
            if (blocks > BLOB_ELEMENTS) revert InvalidParameter("maxChunks", chunks);
            if (!PointEvaluation.isAvailable()) revert InvalidParameter("blobsAllowed", 1);
        }
        verifier = proofVerifier;
        slotsPerChunk = slots;
        maxChunks = chunks;
        maxBatchAge = batchAge;
        blobsAllowed = allowsBlobs;
    }

    /// @inheritdoc IRollup
    function readBatch(StoredHeader calldata parent, Batch calldata batch, uint8 form, BatchData calldata data)
        external
        view
        override
        returns (BatchReading memory)
    {
        return BatchReader.read(_priorityQueue(), _settings(), parent, batch, form, data);
    }

    /// @inheritdoc IRollup
    function domain() external view override returns (uint256) {
        return Headers.domain();
    }

    /// @dev What the reader needs to know: it runs in the rollup's name, but not with its immutables.
    function _settings() internal view returns (BatchReader.Settings memory) {
        return BatchReader.Settings({
            verifier: verifier,
            slotsPerChunk: slotsPerChunk,
            maxChunks: maxChunks,
            maxBatchAge: maxBatchAge,
            blobsAllowed: blobsAllowed
        });
    }
}
