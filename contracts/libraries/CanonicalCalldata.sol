// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRollup} from "../interfaces/IRollup.sol";

/// @title One encoding of `submitBatch` and `assertBatch`
/// @notice The ABI lets arguments overlap, stand in any order, leave gaps and end without padding, and decoders differ
/// in what they take. A batch that L1 takes and a watcher cannot decode would hide its data, so only abi.encode's own
/// layout is taken: each part right behind the one before, 0 in the padding, and nothing behind the last.
/// @dev Lists in calldata are far shorter than 2^64, so no sum overflows; an offset that does not lead where it should
/// makes a difference, whatever is read behind it. A length of bytes that is too large is refused by the decoder when they
/// are read, which the caller does for all of them.
library CanonicalCalldata {
    /// @dev Behind the selector: StoredHeader (nine words), then the offsets of batch, chunks and the last list.
    uint256 private constant OFFSETS = 292;
    /// @dev Bytes of these twelve words, behind which the batch stands.
    uint256 private constant HEAD_BYTES = 0x180;
    /// @dev The batch's own head: number, time, offsets of roots, commitments and fee tokens.
    uint256 private constant BATCH_OFFSETS = 452;
    uint256 private constant BATCH_HEAD_BYTES = 160;
    uint256 private constant PROOF_BYTES = 256;

    /// @notice Reverts unless all arguments of `submitBatch` stand where abi.encode puts them.
    /// @param count Chunks; the lists of the batch and the proofs have the lengths that follow from it.
    function checkProofs(uint256 count) internal pure {
        (uint256 difference, uint256 offset) = _batchAndChunks(count);
        assembly ("memory-safe") {
            // Behind the chunks: the number of proofs, the proofs, and the end.
            difference := or(difference, xor(calldataload(add(OFFSETS, 64)), offset))
            difference := or(difference, xor(calldatasize(), add(add(offset, 36), mul(PROOF_BYTES, count))))
        }
        if (difference != 0) revert IRollup.CalldataNotCanonical();
    }

    /// @notice The same for `assertBatch`, where the last list is of bytes, one string a chunk.
    function checkAuthorizations(uint256 count) internal pure {
        (uint256 difference, uint256 offset) = _batchAndChunks(count);
        assembly ("memory-safe") {
            difference := or(difference, xor(calldataload(add(OFFSETS, 64)), offset))
        }
        (uint256 listDifference, uint256 end) = _bytesList(offset, count);
        assembly ("memory-safe") {
            difference := or(difference, listDifference)
            difference := or(difference, xor(calldatasize(), add(end, 4)))
        }
        if (difference != 0) revert IRollup.CalldataNotCanonical();
    }

    /// @dev What differs up to the end of the chunks, and the offset behind them.
    function _batchAndChunks(uint256 count) private pure returns (uint256 difference, uint256 offset) {
        assembly ("memory-safe") {
            difference := xor(calldataload(OFFSETS), HEAD_BYTES)
            offset := BATCH_HEAD_BYTES
            difference := or(difference, xor(calldataload(BATCH_OFFSETS), offset))
            offset := add(offset, mul(32, add(count, 2)))
            difference := or(difference, xor(calldataload(add(BATCH_OFFSETS, 32)), offset))
            offset := add(offset, mul(32, add(count, 1)))
            difference := or(difference, xor(calldataload(add(BATCH_OFFSETS, 64)), offset))
            offset := add(add(offset, mul(32, add(count, 1))), HEAD_BYTES)
            difference := or(difference, xor(calldataload(add(OFFSETS, 32)), offset))
        }
        uint256 listDifference;
        (listDifference, offset) = _bytesList(offset, count);
        difference |= listDifference;
    }

    /// @dev What differs in a list of `count` byte strings: the offset of each, and its padding. The list's own length is
    /// the decoder's, which the caller has compared with `count`.
    /// @param offset Of the list's length, from the first argument.
    /// @return difference 0 when the list stands as it should.
    /// @return end Offset of the first byte behind the list.
    function _bytesList(uint256 offset, uint256 count) private pure returns (uint256 difference, uint256 end) {
        assembly ("memory-safe") {
            let heads := add(offset, 36)
            let position := mul(32, count)
            for { let k := 0 } lt(k, count) { k := add(k, 1) } {
                difference := or(difference, xor(calldataload(add(heads, mul(32, k))), position))
                let length := calldataload(add(heads, position))
                // The padding is the start of the word behind the data. Without padding that word is shifted out.
                let behind := calldataload(add(add(heads, 32), add(position, length)))
                difference := or(difference, shr(sub(256, mul(8, and(sub(0, length), 31))), behind))
                position := add(position, and(add(length, 63), not(31)))
            }
            end := add(add(offset, 32), position)
        }
    }
}
