// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRollup} from "../interfaces/IRollup.sol";
import {PriorityQueue} from "./PriorityQueue.sol";
import {Withdrawals} from "./Withdrawals.sol";
import {
    BLOCK_BYTES,
    FIELD_MODULUS,
    KIND_COLLECT_FEE,
    KIND_DEPOSIT,
    KIND_FORCED_EXIT,
    KIND_SHIFT,
    KIND_TRANSFER,
    KIND_TRANSFER_TO_NEW,
    RECORD_BITS,
    RECORDS_PER_BLOCK,
    WORDS_BYTES
} from "./Constants.sol";

/// @title The records of a batch, read from calldata
/// @notice Reads every record once: its kind, its part in the Horner sums, and what it means to L1 (withdrawals,
/// priority operations, new accounts). docs/protocol.md, Chunk. Twin: protocol/batch/chunk.ts hornerSums.
library RecordData {
    /// @notice What the records of a batch add up to, across its chunks.
    /// @param slot Records read so far.
    /// @param priorityCount Records of kinds 4 and 5, all of which stand first.
    /// @param rollingHash The queue's hash after them.
    /// @param transferToNewCount Records of kind 2.
    /// @param withdrawalCount Records of kinds 3 and 5 with an amount.
    /// @param withdrawals Their leaves; as long as there are records with words at most.
    struct Totals {
        uint256 slot;
        uint256 priorityCount;
        bytes32 rollingHash;
        uint256 transferToNewCount;
        uint256 withdrawalCount;
        bytes32[] withdrawals;
    }

    /// @dev What is fixed while a chunk is read, and how far it was read.
    struct Cursor {
        uint256 chunk;
        uint256 firstSlot;
        uint256 challenge;
        uint256 sumB;
        uint256 wordPointer;
        uint256 dataStart;
        uint256 dataEnd;
    }

    /// @dev The bits of a block that hold its two kinds.
    uint256 private constant BLOCK_KINDS = (15 << (KIND_SHIFT + RECORD_BITS)) | (15 << KIND_SHIFT);
    /// @dev These bits when both records are transfers.
    uint256 private constant TWO_TRANSFERS =
        (KIND_TRANSFER << (KIND_SHIFT + RECORD_BITS)) | (KIND_TRANSFER << KIND_SHIFT);
    /// @dev The odd record of a block.
    uint256 private constant ODD_RECORD = (1 << RECORD_BITS) - 1;

    /// @notice Bytes of a chunk's records without words. `slots` is even.
    function recordBytes(uint256 slots) internal pure returns (uint256) {
        return slots / RECORDS_PER_BLOCK * BLOCK_BYTES;
    }

    /// @notice Most records with words that the chunk's data has room for. Reverts when the records do not fit.
    function maxWordRecords(uint256 chunk, bytes calldata data, uint256 slots) internal pure returns (uint256) {
        uint256 expected = recordBytes(slots);
        if (data.length < expected) revert IRollup.WrongDataLength(chunk, expected, data.length);
        return (data.length - expected) / WORDS_BYTES;
    }

    /// @notice keccak of a chunk's data.
    function hash(bytes calldata data) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            // Beyond the free pointer nothing is allocated, and nothing is kept there after this hash.
            let scratch := mload(0x40)
            calldatacopy(scratch, data.offset, data.length)
            result := keccak256(scratch, data.length)
        }
    }

    /// @notice Reads a chunk and adds it to `totals`.
    /// @param chunk Its position in the batch.
    /// @param data Its data, at least `recordBytes(slots)` long; the length must be exactly what its records say.
    /// @param slots M.
    /// @param challenge z, < r.
    /// @return sumA Horner sum of the records, < r.
    /// @return sumB Horner sum of the words, < r.
    function read(Totals memory totals, uint256 chunk, bytes calldata data, uint256 slots, uint256 challenge)
        internal
        pure
        returns (uint256 sumA, uint256 sumB)
    {
        uint256 start;
        assembly ("memory-safe") {
            start := data.offset
        }
        uint256 pointer = start;
        uint256 end = start + recordBytes(slots);
        Cursor memory cursor = Cursor({
            chunk: chunk,
            firstSlot: totals.slot,
            challenge: challenge,
            sumB: 0,
            wordPointer: end,
            dataStart: start,
            dataEnd: start + data.length
        });
        while (true) {
            (sumA, pointer) = _skipTransfers(sumA, pointer, end, challenge);
            if (pointer == end) break;
            uint256 twoRecords;
            assembly ("memory-safe") {
                // pointer < end: the block lies within the data; the byte behind it is shifted out.
                twoRecords := shr(8, calldataload(pointer))
            }
            uint256 slot = (pointer - start) / BLOCK_BYTES * RECORDS_PER_BLOCK;
            sumA = _addRecord(sumA, challenge, twoRecords >> RECORD_BITS);
            _readWords(totals, cursor, slot, twoRecords >> RECORD_BITS);
            sumA = _addRecord(sumA, challenge, twoRecords & ODD_RECORD);
            _readWords(totals, cursor, slot + 1, twoRecords & ODD_RECORD);
            pointer += BLOCK_BYTES;
        }
        if (cursor.wordPointer != cursor.dataEnd) {
            revert IRollup.WrongDataLength(chunk, cursor.wordPointer - start, data.length);
        }
        totals.slot += slots;
        // The sum was reduced before the last record was added.
        sumA %= FIELD_MODULUS;
        sumB = cursor.sumB;
    }

    /// @dev sumA·z + record, not reduced: < r + 2^124.
    function _addRecord(uint256 sumA, uint256 challenge, uint256 record) private pure returns (uint256) {
        unchecked {
            // mulmod < r < 2^254 and record < 2^124.
            return mulmod(sumA, challenge, FIELD_MODULUS) + record;
        }
    }

    /// @dev Adds the blocks from `pointer` on that hold two transfers, up to the first other one or `end`.
    function _skipTransfers(uint256 sumA, uint256 pointer, uint256 end, uint256 challenge)
        private
        pure
        returns (uint256, uint256)
    {
        uint256 modulus = FIELD_MODULUS;
        uint256 kinds = BLOCK_KINDS;
        uint256 transfers = TWO_TRANSFERS;
        uint256 oddRecord = ODD_RECORD;
        uint256 recordBits = RECORD_BITS;
        uint256 blockBytes = BLOCK_BYTES;
        assembly ("memory-safe") {
            // Reads calldata below `end` only; sums as in _addRecord: no addition overflows.
            for {} lt(pointer, end) { pointer := add(pointer, blockBytes) } {
                let twoRecords := shr(8, calldataload(pointer))
                if xor(and(twoRecords, kinds), transfers) { break }
                sumA := add(mulmod(sumA, challenge, modulus), shr(recordBits, twoRecords))
                sumA := add(mulmod(sumA, challenge, modulus), and(twoRecords, oddRecord))
            }
        }
        return (sumA, pointer);
    }

    /// @dev Reads the words of a record that has any, and takes in what it means to L1.
    /// @param slot Its position in the chunk.
    function _readWords(Totals memory totals, Cursor memory cursor, uint256 slot, uint256 record) private pure {
        uint256 kind = record >> KIND_SHIFT;
        if (kind <= KIND_TRANSFER || kind == KIND_COLLECT_FEE) return;
        if (kind > KIND_COLLECT_FEE) revert IRollup.ReservedKind(cursor.chunk, slot, kind);

        (uint256 w0, uint256 w1, uint256 w2) = _nextWords(cursor, slot);
        if (kind == KIND_TRANSFER_TO_NEW) {
            ++totals.transferToNewCount;
            return;
        }
        if (kind == KIND_DEPOSIT || kind == KIND_FORCED_EXIT) {
            // All records before it were priority records too, exactly when there were as many of them as slots.
            if (cursor.firstSlot + slot != totals.priorityCount) {
                revert IRollup.PriorityRecordNotFirst(cursor.chunk, slot);
            }
            ++totals.priorityCount;
            totals.rollingHash = PriorityQueue.nextExecutedHash(totals.rollingHash, record, w0, w1, w2);
        }
        if (kind != KIND_DEPOSIT && w2 != 0) {
            totals.withdrawals[totals.withdrawalCount++] = Withdrawals.leaf(w1, w2);
        }
    }

    /// @dev Takes the next three words, checks them and adds them to the sum.
    function _nextWords(Cursor memory cursor, uint256 slot) private pure returns (uint256 w0, uint256 w1, uint256 w2) {
        uint256 pointer = cursor.wordPointer;
        if (pointer + WORDS_BYTES > cursor.dataEnd) {
            revert IRollup.WrongDataLength(
                cursor.chunk, pointer + WORDS_BYTES - cursor.dataStart, cursor.dataEnd - cursor.dataStart
            );
        }
        assembly ("memory-safe") {
            // Three words within the data, as was checked.
            w0 := calldataload(pointer)
            w1 := calldataload(add(pointer, 0x20))
            w2 := calldataload(add(pointer, 0x40))
        }
        if (w0 >= FIELD_MODULUS) revert IRollup.WordNotInField(cursor.chunk, slot, 0, w0);
        if (w1 >= FIELD_MODULUS) revert IRollup.WordNotInField(cursor.chunk, slot, 1, w1);
        if (w2 >= FIELD_MODULUS) revert IRollup.WordNotInField(cursor.chunk, slot, 2, w2);
        uint256 sumB = addmod(mulmod(cursor.sumB, cursor.challenge, FIELD_MODULUS), w0, FIELD_MODULUS);
        sumB = addmod(mulmod(sumB, cursor.challenge, FIELD_MODULUS), w1, FIELD_MODULUS);
        cursor.sumB = addmod(mulmod(sumB, cursor.challenge, FIELD_MODULUS), w2, FIELD_MODULUS);
        cursor.wordPointer = pointer + WORDS_BYTES;
    }
}
