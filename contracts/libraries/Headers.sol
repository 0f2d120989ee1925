// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {Batch, StoredHeader} from "../types/RollupTypes.sol";
import {CHALLENGE_BITS, CHALLENGE_TAG, FIELD_MODULUS} from "./Constants.sol";

/// @title Hashes of headers and what they name
/// @notice docs/protocol.md, Chunk and Batch and header.
library Headers {
    /// @notice keccak(abi(StoredHeader)).
    /// Twin: packages/protocol/batch/header.ts headerHash.
    function hash(StoredHeader memory header) internal pure returns (bytes32) {
        return keccak256(abi.encode(header));
    }

    /// @notice What a header says about its chunks.
    /// Twin: packages/protocol/batch/header.ts chunksHash.
    /// @param form Where the data stands (FORM_ in Constants.sol).
    /// @param dataHashes keccak of each chunk's data, or versioned hashes of the blobs.
    /// @param visibleHashes Of each chunk's visible list.
    function chunksHash(
        uint8 form,
        bytes32[] memory dataHashes,
        bytes32[] memory visibleHashes,
        Batch calldata batch
    ) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(form, dataHashes, visibleHashes, batch.roots, batch.commitments, batch.feeTokens)
        );
    }

    /// @notice z of a batch: commits to its data, to its visible lists and to the proofs' witness (commitments) alike.
    /// Twin: packages/protocol/batch/challenge.ts batchChallenge.
    /// @param rollup Address of the rollup, whichever contract takes the batch.
    function challenge(
        address rollup,
        uint8 form,
        bytes32[] memory dataHashes,
        bytes32[] memory visibleHashes,
        Batch calldata batch
    ) internal view returns (uint256) {
        bytes32 digest = keccak256(
            abi.encode(
                CHALLENGE_TAG,
                block.chainid,
                rollup,
                batch.number,
                form,
                dataHashes,
                visibleHashes,
                batch.commitments,
                batch.roots
            )
        );
        return uint256(digest) & ((1 << CHALLENGE_BITS) - 1);
    }

    /// @notice Part of every signed message: keccak(abi(chainId, contract)) mod r. Called by the rollup.
    /// Twin: packages/protocol/batch/chunk.ts domainOf.
    function domain() internal view returns (uint256) {
        return uint256(keccak256(abi.encode(block.chainid, address(this)))) % FIELD_MODULUS;
    }
}
