// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {Batch, StoredHeader} from "../types/RollupTypes.sol";
import {CHALLENGE_TAG, FIELD_MODULUS} from "./Constants.sol";

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
    /// @param dataHashes keccak of each chunk's data.
    function chunksHash(Batch calldata batch, bytes32[] memory dataHashes) internal pure returns (bytes32) {
        return keccak256(abi.encode(batch.roots, batch.commitments, batch.feeTokens, dataHashes));
    }

    /// @notice z of a chunk: commits to its calldata (dataHash) and to the proof's witness (commitment) alike.
    /// Twin: packages/protocol/batch/chunk.ts chunkChallenge.
    /// @param rollup Address of the rollup, whichever contract takes the batch.
    function challenge(
        address rollup,
        uint256 batchNumber,
        uint256 chunk,
        bytes32 dataHash,
        uint256 commitment,
        uint256 oldRoot,
        uint256 newRoot
    ) internal view returns (uint256) {
        return uint256(
            keccak256(
                abi.encode(
                    CHALLENGE_TAG,
                    block.chainid,
                    rollup,
                    batchNumber,
                    chunk,
                    dataHash,
                    commitment,
                    oldRoot,
                    newRoot
                )
            )
        ) % FIELD_MODULUS;
    }

    /// @notice Part of every signed message: keccak(abi(chainId, contract)) mod r. Called by the rollup.
    /// Twin: packages/protocol/batch/chunk.ts domainOf.
    function domain() internal view returns (uint256) {
        return uint256(keccak256(abi.encode(block.chainid, address(this)))) % FIELD_MODULUS;
    }
}
