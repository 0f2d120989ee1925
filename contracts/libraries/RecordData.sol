// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRollup} from "../interfaces/IRollup.sol";
import {Horner} from "./Horner.sol";
import {PriorityQueue} from "./PriorityQueue.sol";
import {Withdrawals} from "./Withdrawals.sol";
import {
    BLOCK_BYTES,
    FIELD_MODULUS,
    KIND_COLLECT_FEE,
    KIND_DEPOSIT,
    KIND_FORCED_EXIT,
    KIND_SHIFT,
    KIND_TRANSFER_TO_NEW,
    RECORD_BITS,
    RECORDS_PER_BLOCK,
    WORDS_BYTES
} from "./Constants.sol";

/// @title The records of a batch, read from a copy in memory
/// @notice Reads every record once: its kind, its part in the Horner sums, and what it means to L1 (withdrawals,
/// priority operations, new accounts). docs/protocol.md, Chunk.
/// Twin: packages/protocol/batch/chunk.ts hornerSums.
library RecordData {
    using Horner for Horner.Factors;

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

    /// @dev What is fixed while a chunk is read, and how far its words were read. Pointers are positions in memory.
    struct Cursor {
        Horner.Factors factors;
        uint256 chunk;
        uint256 firstSlot;
        uint256 sumB;
        uint256 wordPointer;
        uint256 dataStart;
        uint256 dataEnd;
    }

    /// @notice Bytes of a chunk's records without words. `slots` is even.
    function recordBytes(uint256 slots) internal pure returns (uint256) {
        return slots / RECORDS_PER_BLOCK * BLOCK_BYTES;
    }

    /// @notice Most records with words that a chunk of `length` bytes has room for. Reverts when it is too short.
    function maxWordRecords(uint256 chunk, uint256 length, uint256 slots) internal pure returns (uint256) {
        uint256 expected = recordBytes(slots);
        if (length < expected) revert IRollup.WrongDataLength(chunk, expected, length);
        return (length - expected) / WORDS_BYTES;
    }

    /// @notice Copies a chunk's data to the start of `buffer`, which is at least as long, and hashes it.
    function load(bytes calldata data, bytes memory buffer) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            // Within the buffer, as its length says.
            calldatacopy(add(buffer, 0x20), data.offset, data.length)
            hash := keccak256(add(buffer, 0x20), data.length)
        }
    }

    /// @notice Reads a chunk and adds it to `totals`.
    /// @param chunk Its position in the batch.
    /// @param buffer Starts with its data, at least `recordBytes(slots)` long.
    /// @param length Bytes of the data; must be exactly what its records say.
    /// @param slots M.
    /// @param challenge z, < r.
    /// @return sumA Horner sum of the records, < r.
    /// @return sumB Horner sum of the words, < r.
    function read(
        Totals memory totals,
        uint256 chunk,
        bytes memory buffer,
        uint256 length,
        uint256 slots,
        uint256 challenge
    ) internal pure returns (uint256 sumA, uint256 sumB) {
        Cursor memory cursor = _open(chunk, buffer, length, slots, challenge);
        cursor.firstSlot = totals.slot;
        uint256 pointer = cursor.dataStart;
        uint256 end = cursor.wordPointer;
        while (pointer < end) {
            (sumA, pointer) = cursor.factors.addTransfers(sumA, pointer, end);
            // The group that stopped it, or what is left, block by block.
            uint256 limit = pointer + Horner.GROUP_BYTES;
            if (limit > end) limit = end;
            while (true) {
                (sumA, pointer) = cursor.factors.addPlain(sumA, pointer, limit);
                if (pointer == limit) break;
                sumA = _readBlock(totals, cursor, sumA, pointer);
                pointer += BLOCK_BYTES;
            }
        }
        if (cursor.wordPointer != cursor.dataEnd) {
            revert IRollup.WrongDataLength(chunk, cursor.wordPointer - cursor.dataStart, length);
        }
        totals.slot += slots;
        // The sum was reduced before the last block was added.
        sumA %= FIELD_MODULUS;
        sumB = cursor.sumB;
    }

    function _open(uint256 chunk, bytes memory buffer, uint256 length, uint256 slots, uint256 challenge)
        private
        pure
        returns (Cursor memory cursor)
    {
        uint256 start;
        assembly ("memory-safe") {
            start := add(buffer, 0x20)
        }
        cursor.factors = Horner.factorsOf(challenge);
        cursor.chunk = chunk;
        cursor.wordPointer = start + recordBytes(slots);
        cursor.dataStart = start;
        cursor.dataEnd = start + length;
    }

    /// @dev Adds a block of which at least one record has words or is reserved.
    function _readBlock(Totals memory totals, Cursor memory cursor, uint256 sumA, uint256 pointer)
        private
        pure
        returns (uint256)
    {
        uint256 twoRecords;
        assembly ("memory-safe") {
            // Within the data but for the byte behind the block, which is shifted out.
            twoRecords := shr(8, mload(pointer))
        }
        uint256 slot = (pointer - cursor.dataStart) / BLOCK_BYTES * RECORDS_PER_BLOCK;
        (uint256 even, uint256 odd) = (twoRecords >> RECORD_BITS, twoRecords & Horner.ODD_RECORD);
        _readWords(totals, cursor, slot, even);
        _readWords(totals, cursor, slot + 1, odd);
        return cursor.factors.addRecord(cursor.factors.addRecord(sumA, even), odd);
    }

    /// @dev Reads the words of a record that has any, and takes in what it means to L1.
    /// @param slot Its position in the chunk.
    function _readWords(Totals memory totals, Cursor memory cursor, uint256 slot, uint256 record) private pure {
        uint256 kind = record >> KIND_SHIFT;
        if ((Horner.PLAIN_KINDS >> kind) & 1 == 1) return;
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
            w0 := mload(pointer)
            w1 := mload(add(pointer, 0x20))
            w2 := mload(add(pointer, 0x40))
        }
        if (w0 >= FIELD_MODULUS) revert IRollup.WordNotInField(cursor.chunk, slot, 0, w0);
        if (w1 >= FIELD_MODULUS) revert IRollup.WordNotInField(cursor.chunk, slot, 1, w1);
        if (w2 >= FIELD_MODULUS) revert IRollup.WordNotInField(cursor.chunk, slot, 2, w2);
        Horner.Factors memory factors = cursor.factors;
        cursor.sumB = factors.addWord(factors.addWord(factors.addWord(cursor.sumB, w0), w1), w2);
        cursor.wordPointer = pointer + WORDS_BYTES;
    }
}
