// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {Batch, StoredHeader} from "../types/RollupTypes.sol";
import {CHALLENGE_TAG, FIELD_MODULUS} from "./Constants.sol";

/// @title Hashes of headers and what they name
/// @notice docs/protocol.md, Chunk and Batch and header. Twins: packages/protocol/batch/header.ts and chunk.ts.
library Headers {
    /// @notice keccak(abi(StoredHeader)).
    function hash(StoredHeader memory header) internal pure returns (bytes32) {
        return keccak256(abi.encode(header));
    }

    /// @notice What a header says about its chunks.
    /// @param dataHashes keccak of each chunk's data.
    function chunksHash(Batch calldata batch, bytes32[] memory dataHashes) internal pure returns (bytes32) {
        return keccak256(abi.encode(batch.roots, batch.commitments, batch.feeTokens, dataHashes));
    }

    /// @notice z of a chunk: commits to its calldata (dataHash) and to the proof's witness (commitment) alike.
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
    function domain() internal view returns (uint256) {
        return uint256(keccak256(abi.encode(block.chainid, address(this)))) % FIELD_MODULUS;
    }
}
