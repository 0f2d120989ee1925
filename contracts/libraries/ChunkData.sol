// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRollup} from "../interfaces/IRollup.sol";
import {BLOB_FIELD_MODULUS, BLOCK_BYTES, RECORDS_PER_BLOCK} from "./Constants.sol";

/// @title The data of a chunk as a polynomial
/// @notice M/2 blocks of 31 bytes in calldata, two records each, are the coefficients of a polynomial modulo q, the highest
/// first. docs/protocol.md, Data.
library ChunkData {
    /// @dev Bytes of the eight blocks that are read at a time.
    uint256 private constant GROUP_BYTES = 248;

    /// @notice Bytes of a chunk's data. `slots` is even.
    function bytesOf(uint256 slots) internal pure returns (uint256) {
        return slots / RECORDS_PER_BLOCK * BLOCK_BYTES;
    }

    /// @notice keccak of each chunk's data. Reverts unless each is as long as a chunk's.
    function hashes(bytes[] calldata chunks, uint256 slots) internal pure returns (bytes32[] memory list) {
        uint256 expected = bytesOf(slots);
        list = new bytes32[](chunks.length);
        for (uint256 k = 0; k < chunks.length; ++k) {
            bytes calldata data = chunks[k];
            if (data.length != expected) revert IRollup.WrongDataLength(k, expected, data.length);
            list[k] = _hash(data);
        }
    }

    /// @notice y of a chunk: its polynomial at z modulo q.
    /// Twin: packages/protocol/batch/polynomial.ts chunkEvaluation.
    /// @param data Whole blocks.
    /// @param challenge z.
    /// @return y < q
    function evaluate(bytes calldata data, uint256 challenge) internal pure returns (uint256 y) {
        uint256 q = BLOB_FIELD_MODULUS;
        assembly ("memory-safe") {
            // A product mod q and a block stay below 2^255 + 2^248: no addition overflows, and a sum need not be reduced
            // before it is multiplied. A word starts with a block; the byte behind it is shifted out.
            function addBlock(sum, position, z, modulus) -> next {
                next := add(mulmod(sum, z, modulus), shr(8, calldataload(position)))
            }

            let position := data.offset
            let end := add(position, data.length)
            for {} iszero(gt(add(position, GROUP_BYTES), end)) { position := add(position, GROUP_BYTES) } {
                y := addBlock(y, position, challenge, q)
                y := addBlock(y, add(position, 31), challenge, q)
                y := addBlock(y, add(position, 62), challenge, q)
                y := addBlock(y, add(position, 93), challenge, q)
                y := addBlock(y, add(position, 124), challenge, q)
                y := addBlock(y, add(position, 155), challenge, q)
                y := addBlock(y, add(position, 186), challenge, q)
                y := addBlock(y, add(position, 217), challenge, q)
            }
            for {} lt(position, end) { position := add(position, BLOCK_BYTES) } {
                y := addBlock(y, position, challenge, q)
            }
            y := mod(y, q)
        }
    }

    /// @dev keccak256 without keeping the copy.
    function _hash(bytes calldata data) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            // Scratch beyond the free pointer.
            let scratch := mload(0x40)
            calldatacopy(scratch, data.offset, data.length)
            hash := keccak256(scratch, data.length)
        }
    }
}
