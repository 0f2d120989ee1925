// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {StepSignature} from "../step/StepSignature.sol";
import {StepRecord} from "../step/StepTypes.sol";
import {
    BLOCK_BYTES,
    KIND_FORCED_EXIT,
    KIND_SHIFT,
    KIND_TRANSFER,
    KIND_TRANSFER_TO_NEW,
    KIND_WITHDRAW,
    RECORD_BITS,
    RECORDS_PER_BLOCK,
    WORDS_BYTES
} from "./Constants.sol";
import {ChunkData} from "./ChunkData.sol";

/// @title One record of a chunk, with its words and its authorization
/// @notice docs/protocol.md, Chunk and Assertion. Words and authorizations stand in the order of the records that have any,
/// so their place follows from the kinds before.
/// Twin: packages/protocol/step/record.ts assertedRecords.
library StepRecords {
    /// @notice The record in a slot of a chunk that was accepted, so that its data is as long as its records say.
    /// @param data The chunk's data.
    /// @param authorizations Any number of bytes: a record whose own do not all exist has none.
    /// @param slots M.
    /// @param slot < M.
    function read(bytes calldata data, bytes calldata authorizations, uint256 slots, uint256 slot)
        internal
        pure
        returns (StepRecord memory step)
    {
        uint256 wordRecords;
        uint256 signedRecords;
        for (uint256 i = 0; i < slot; ++i) {
            uint256 kindBefore = _recordAt(data, i) >> KIND_SHIFT;
            if (_hasWords(kindBefore)) ++wordRecords;
            if (_isSigned(kindBefore)) ++signedRecords;
        }
        step.record = _recordAt(data, slot);
        uint256 kind = step.record >> KIND_SHIFT;
        if (_hasWords(kind)) {
            uint256 start = ChunkData.bytesOf(slots) + WORDS_BYTES * wordRecords;
            (uint256 w0, uint256 w1, uint256 w2) =
                abi.decode(data[start:start + WORDS_BYTES], (uint256, uint256, uint256));
            step.words = new uint256[](3);
            (step.words[0], step.words[1], step.words[2]) = (w0, w1, w2);
        }
        if (_isSigned(kind)) {
            uint256 start = StepSignature.AUTHORIZATION_BYTES * signedRecords;
            uint256 end = start + StepSignature.AUTHORIZATION_BYTES;
            if (end <= authorizations.length) step.authorization = authorizations[start:end];
        }
    }

    function _recordAt(bytes calldata data, uint256 slot) private pure returns (uint256) {
        uint256 start = slot / RECORDS_PER_BLOCK * BLOCK_BYTES;
        uint256 twoRecords = uint248(bytes31(data[start:start + BLOCK_BYTES]));
        return slot % RECORDS_PER_BLOCK == 0 ? twoRecords >> RECORD_BITS : twoRecords & ((1 << RECORD_BITS) - 1);
    }

    function _hasWords(uint256 kind) private pure returns (bool) {
        return kind >= KIND_TRANSFER_TO_NEW && kind <= KIND_FORCED_EXIT;
    }

    /// @dev Twin: packages/protocol/records/kinds.ts isSignedKind.
    function _isSigned(uint256 kind) private pure returns (bool) {
        return kind >= KIND_TRANSFER && kind <= KIND_WITHDRAW;
    }
}
