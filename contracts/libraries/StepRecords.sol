// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IAssertions} from "../interfaces/IAssertions.sol";
import {StepSignature} from "../step/StepSignature.sol";
import {
    BLOCK_BYTES,
    KIND_MOVE,
    KIND_SHIFT,
    KIND_TRANSFER,
    KIND_WITHDRAW,
    RECORD_BITS,
    RECORDS_PER_BLOCK,
    RECORDS_PER_BLOB,
    VISIBLE_ENTRY_BYTES,
    WORDS_BYTES
} from "./Constants.sol";
import {PointEvaluation} from "./PointEvaluation.sol";

/// @title One record of an asserted chunk, with its words and its authorization
/// @notice docs/protocol.md, Data and Assertion. Reading is total: whatever an asserter published says one record, and one
/// authorization or none, so nothing published can keep a step from being proven.
/// Twin: packages/protocol/step/record.ts assertedRecords.
library StepRecords {
    /// @dev Elements of a record in an evaluation blob.
    uint256 private constant ELEMENTS_PER_RECORD = 3;
    /// @dev Bytes of an opened value.
    uint256 private constant VALUE_BYTES = 32;
    /// @dev Bits of an element that is canonical: 31 bytes.
    uint256 private constant ELEMENT_BITS = 248;
    /// @dev Bits of a record in whole bytes, and of the part of its authorization that stands in its element.
    uint256 private constant RECORD_BYTES_BITS = 128;
    uint256 private constant FIRST_PART_BITS = ELEMENT_BITS - RECORD_BYTES_BITS;
    /// @dev What stands in the last element behind the authorization.
    uint256 private constant SPARE_BITS = 64;
    /// @dev What a record that cannot be read is read as: a reserved kind.
    uint256 private constant RESERVED_RECORD = 15 << KIND_SHIFT;

    /// @notice Form 0: the record in a slot, and its authorization.
    /// @param data The chunk's data, of M/2 blocks.
    /// @param authorizations 69 bytes for each signed record, in order; a record whose own do not all exist has none.
    /// @param slot < M.
    function fromCalldata(bytes calldata data, bytes calldata authorizations, uint256 slot)
        internal
        pure
        returns (uint256 record, bytes memory authorization)
    {
        record = _recordAt(data, slot);
        if (!_isSigned(record >> KIND_SHIFT)) return (record, authorization);
        uint256 start;
        for (uint256 i = 0; i < slot; ++i) {
            if (_isSigned(_recordAt(data, i) >> KIND_SHIFT)) start += StepSignature.AUTHORIZATION_BYTES;
        }
        uint256 end = start + StepSignature.AUTHORIZATION_BYTES;
        if (end <= authorizations.length) authorization = authorizations[start:end];
    }

    /// @notice Form 2: the same from the record's elements, each opened. What stands behind the authorization, and for
    /// other kinds in the place of it, says nothing.
    /// Twin: packages/protocol/blob/evaluations.ts recordOfElements.
    /// @param openings Commitment to the blob (48 bytes), then a value (32) and a proof (48) for each element needed: one
    /// when the first is not canonical or its kind is not signed, else three.
    /// @param blobs Versioned hashes of the batch's blobs.
    /// @param place The record's place in the batch, k·M + slot; its blob exists.
    function fromOpenings(bytes calldata openings, bytes32[] calldata blobs, uint256 place)
        internal
        view
        returns (uint256 record, bytes memory authorization)
    {
        bytes32 blob = blobs[place / RECORDS_PER_BLOB];
        uint256 element = ELEMENTS_PER_RECORD * (place % RECORDS_PER_BLOB);
        uint256 first = _open(openings, 0, blob, element);
        record = first >> FIRST_PART_BITS;
        if (first >> ELEMENT_BITS != 0 || record >> RECORD_BITS != 0) record = RESERVED_RECORD;
        bool isSigned = _isSigned(record >> KIND_SHIFT);
        uint256 expected = _openingsBytes(isSigned ? ELEMENTS_PER_RECORD : 1);
        if (openings.length != expected) revert IAssertions.WrongOpeningsLength(expected, openings.length);
        if (!isSigned) return (record, authorization);

        uint256 second = _open(openings, 1, blob, element + 1);
        uint256 third = _open(openings, 2, blob, element + 2);
        if ((second | third) >> ELEMENT_BITS != 0) return (record, authorization);
        // 15, 31 and 23 bytes: 69.
        authorization =
            abi.encodePacked(uint120(first), uint248(second), uint184(third >> SPARE_BITS));
    }

    /// @notice The words of a record: those of the visible entry at its place, if that is an entry of this record; none
    /// otherwise.
    /// @param entry 112 bytes, as L1 has taken it, or none.
    function wordsOf(uint256 record, bytes calldata entry) internal pure returns (uint256[] memory words) {
        if (entry.length != VISIBLE_ENTRY_BYTES || uint128(bytes16(entry)) != record) return words;
        words = new uint256[](3);
        (words[0], words[1], words[2]) =
            abi.decode(entry[VISIBLE_ENTRY_BYTES - WORDS_BYTES:], (uint256, uint256, uint256));
    }

    /// @dev The value of an element, as the opening with this number shows it.
    function _open(bytes calldata openings, uint256 number, bytes32 blob, uint256 element)
        private
        view
        returns (uint256 value)
    {
        uint256 start = _openingsBytes(number);
        uint256 end = _openingsBytes(number + 1);
        if (openings.length < end) revert IAssertions.WrongOpeningsLength(end, openings.length);
        uint256 proofStart = start + VALUE_BYTES;
        value = uint256(bytes32(openings[start:proofStart]));
        if (
            !PointEvaluation.isValue(
                blob,
                PointEvaluation.rootAt(element),
                value,
                openings[:PointEvaluation.POINT_BYTES],
                openings[proofStart:end]
            )
        ) revert IAssertions.WrongElement(blob, element, value);
    }

    /// @dev The commitment, and so many openings.
    function _openingsBytes(uint256 count) private pure returns (uint256) {
        return PointEvaluation.POINT_BYTES + count * (VALUE_BYTES + PointEvaluation.POINT_BYTES);
    }

    function _recordAt(bytes calldata data, uint256 slot) private pure returns (uint256) {
        uint256 start = slot / RECORDS_PER_BLOCK * BLOCK_BYTES;
        uint256 twoRecords = uint248(bytes31(data[start:start + BLOCK_BYTES]));
        return slot % RECORDS_PER_BLOCK == 0 ? twoRecords >> RECORD_BITS : twoRecords & ((1 << RECORD_BITS) - 1);
    }

    /// @dev Twin: packages/protocol/records/kinds.ts isSignedKind.
    function _isSigned(uint256 kind) private pure returns (bool) {
        return (kind >= KIND_TRANSFER && kind <= KIND_WITHDRAW) || kind == KIND_MOVE;
    }
}
