// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRollup} from "../interfaces/IRollup.sol";

/// @title One encoding of `submitBatch` and `assertBatch`
/// @notice The ABI lets arguments overlap, stand in any order, leave gaps and end without padding, and decoders differ
/// in what they take. A batch that L1 takes and a watcher cannot decode would hide its data, so only abi.encode's own
/// layout is taken: each part right behind the one before, 0 in the padding, and nothing behind the last.
/// @dev Walks over the calldata. Each step compares an offset with the place where its list should begin, so the length there
/// is the one that every decoder reads; it refuses lengths beyond the calldata, so no sum overflows. Positions are those of
/// calldata, from the selector on.
library CanonicalCalldata {
    /// @dev The arguments stand behind the selector.
    uint256 private constant ARGUMENTS = 4;
    /// @dev StoredHeader, nine words; then the offsets of batch, data, and in `submitBatch` proofs.
    uint256 private constant PARENT_BYTES = 288;
    uint256 private constant PROOF_BYTES = 256;

    /// @notice Reverts unless all arguments of `submitBatch` (of rollup and assertions) stand where abi.encode puts them.
    function checkProofs() internal pure {
        uint256 offsets = ARGUMENTS + PARENT_BYTES;
        uint256 position = _batch(offsets, offsets + 96);
        // BatchData: chunks, visible, evaluations, opening.
        uint256 head = position;
        _requireOffset(offsets + 32, ARGUMENTS, head);
        position = _bytesList(head, head, head + 128);
        position = _bytesList(head + 32, head, position);
        position = _words(head + 64, head, position, 32);
        _requireOffset(head + 96, head, position);
        position = _bytes(position);
        _requireEnd(_words(offsets + 64, ARGUMENTS, position, PROOF_BYTES));
    }

    /// @notice The same for `assertBatch`.
    function checkAssertion() internal pure {
        uint256 offsets = ARGUMENTS + PARENT_BYTES;
        uint256 position = _batch(offsets, offsets + 64);
        // AssertionData: chunks, authorizations, visible.
        uint256 head = position;
        _requireOffset(offsets + 32, ARGUMENTS, head);
        position = _bytesList(head, head, head + 96);
        position = _bytesList(head + 32, head, position);
        _requireEnd(_bytesList(head + 64, head, position));
    }

    /// @dev The batch: number, time, and the offsets of roots, commitments and fee tokens, which follow.
    /// @param offsetAt Where its offset stands.
    /// @param head Where it should begin.
    /// @return position Behind it.
    function _batch(uint256 offsetAt, uint256 head) private pure returns (uint256 position) {
        _requireOffset(offsetAt, ARGUMENTS, head);
        position = _words(head + 64, head, head + 160, 32);
        position = _words(head + 96, head, position, 32);
        position = _words(head + 128, head, position, 32);
    }

    /// @dev A list of items without parts of their own. Returns the position behind it.
    function _words(uint256 offsetAt, uint256 base, uint256 position, uint256 itemBytes) private pure returns (uint256) {
        _requireOffset(offsetAt, base, position);
        return position + 32 + _length(position) * itemBytes;
    }

    /// @dev A list of byte strings: its length, their offsets, and the strings. Returns the position behind it.
    function _bytesList(uint256 offsetAt, uint256 base, uint256 position) private pure returns (uint256) {
        _requireOffset(offsetAt, base, position);
        uint256 count = _length(position);
        uint256 heads = position + 32;
        position = heads + 32 * count;
        for (uint256 k = 0; k < count; ++k) {
            _requireOffset(heads + 32 * k, heads, position);
            position = _bytes(position);
        }
        return position;
    }

    /// @dev A byte string, padded with zeros to whole words. Returns the position behind it.
    function _bytes(uint256 position) private pure returns (uint256 end) {
        uint256 length = _length(position);
        uint256 padding;
        assembly ("memory-safe") {
            // The padding is the start of the word behind the data. Without padding that word is shifted out.
            let behind := calldataload(add(add(position, 32), length))
            padding := shr(sub(256, mul(8, and(sub(0, length), 31))), behind)
            end := add(add(position, 32), and(add(length, 31), not(31)))
        }
        if (padding != 0) revert IRollup.CalldataNotCanonical();
    }

    /// @dev The length that stands at a position. One that is longer than all of the calldata is refused.
    function _length(uint256 position) private pure returns (uint256 length) {
        length = _load(position);
        if (length > msg.data.length) revert IRollup.CalldataNotCanonical();
    }

    /// @dev The offset at `place`, counted from `base`, must lead to `position`.
    function _requireOffset(uint256 place, uint256 base, uint256 position) private pure {
        if (_load(place) != position - base) revert IRollup.CalldataNotCanonical();
    }

    function _requireEnd(uint256 position) private pure {
        if (position != msg.data.length) revert IRollup.CalldataNotCanonical();
    }

    /// @dev The word at a position; 0 behind the end.
    function _load(uint256 position) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(position)
        }
    }
}
