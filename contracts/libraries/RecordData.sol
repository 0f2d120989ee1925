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
    KIND_TRANSFER_TO_NEW,
    RECORD_BITS,
    RECORDS_PER_BLOCK,
    WORDS_BYTES
} from "./Constants.sol";

/// @title The records of a batch, read from a copy in memory
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

    /// @dev What is fixed while a chunk is read, and how far it was read. The first two words, z² and z − 2^124, are
    /// read by assembly at offsets 0x00 and 0x20.
    struct Cursor {
        uint256 challengeSquared;
        uint256 challengeShifted;
        uint256 chunk;
        uint256 firstSlot;
        uint256 challenge;
        uint256 sumB;
        uint256 wordPointer;
        uint256 dataStart;
        uint256 dataEnd;
    }

    /// @dev The bits of a block that are 0 when both kinds are 0 or 1: neither has words or means anything to L1.
    /// (14·2^244 + 14·2^120; assembly takes literals only.)
    uint256 private constant ABOVE_TRANSFER =
        0x00e000000000000000000000000000000e000000000000000000000000000000;
    /// @dev Bit k is set for each kind k without words: noop, transfer, collectFee.
    uint256 private constant PLAIN_KINDS = 0x43;
    /// @dev Bytes of the eight blocks that are read at a time.
    uint256 private constant GROUP_BYTES = 248;
    /// @dev The odd record of a block: its low 124 bits.
    uint256 private constant ODD_RECORD = 0xfffffffffffffffffffffffffffffff;

    /// @notice Bytes of a chunk's records without words. `slots` is even.
    function recordBytes(uint256 slots) internal pure returns (uint256) {
        return slots / RECORDS_PER_BLOCK * BLOCK_BYTES;
    }

    /// @notice Most records with words that a chunk of `length` bytes has room for. Reverts when the records do not fit.
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
            (sumA, pointer) = _readTransfers(cursor, sumA, pointer, end);
            // The group that stopped it, or what is left, block by block.
            uint256 limit = pointer + GROUP_BYTES;
            if (limit > end) limit = end;
            while (true) {
                (sumA, pointer) = _readPlain(sumA, pointer, limit, cursor.challenge);
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
        cursor.challengeSquared = mulmod(challenge, challenge, FIELD_MODULUS);
        cursor.challengeShifted = addmod(challenge, FIELD_MODULUS - (1 << RECORD_BITS), FIELD_MODULUS);
        cursor.chunk = chunk;
        cursor.challenge = challenge;
        cursor.wordPointer = start + recordBytes(slots);
        cursor.dataStart = start;
        cursor.dataEnd = start + length;
    }

    /// @dev Adds groups of eight blocks that hold nothing but transfers and noops, up to the first other one.
    function _readTransfers(Cursor memory cursor, uint256 sumA, uint256 pointer, uint256 end)
        private
        pure
        returns (uint256, uint256)
    {
        assembly ("memory-safe") {
            // With block = high·2^124 + low, (sum·z + high)·z + low = sum·z² + high·(z − 2^124) + block: two products
            // mod r and a block stay below 2·r + 2^248 < 2^256. Blocks are read below `end` only, but for
            // the byte behind the last one, which is shifted out.
            function addBlock(sumBefore, twoRecords, square, shifted) -> sumAfter {
                let evenPart := mulmod(shr(RECORD_BITS, twoRecords), shifted, FIELD_MODULUS)
                sumAfter := add(add(mulmod(sumBefore, square, FIELD_MODULUS), evenPart), twoRecords)
            }

            // Loaded, not computed here: the compiler would compute them anew for each use.
            let square := mload(cursor)
            let shifted := mload(add(cursor, 0x20))
            for {} iszero(gt(add(pointer, GROUP_BYTES), end)) { pointer := add(pointer, GROUP_BYTES) } {
                let twoRecords := shr(8, mload(pointer))
                let kinds := twoRecords
                let sum := addBlock(sumA, twoRecords, square, shifted)
                twoRecords := shr(8, mload(add(pointer, 31)))
                kinds := or(kinds, twoRecords)
                sum := addBlock(sum, twoRecords, square, shifted)
                twoRecords := shr(8, mload(add(pointer, 62)))
                kinds := or(kinds, twoRecords)
                sum := addBlock(sum, twoRecords, square, shifted)
                twoRecords := shr(8, mload(add(pointer, 93)))
                kinds := or(kinds, twoRecords)
                sum := addBlock(sum, twoRecords, square, shifted)
                twoRecords := shr(8, mload(add(pointer, 124)))
                kinds := or(kinds, twoRecords)
                sum := addBlock(sum, twoRecords, square, shifted)
                twoRecords := shr(8, mload(add(pointer, 155)))
                kinds := or(kinds, twoRecords)
                sum := addBlock(sum, twoRecords, square, shifted)
                twoRecords := shr(8, mload(add(pointer, 186)))
                kinds := or(kinds, twoRecords)
                sum := addBlock(sum, twoRecords, square, shifted)
                twoRecords := shr(8, mload(add(pointer, 217)))
                kinds := or(kinds, twoRecords)
                sum := addBlock(sum, twoRecords, square, shifted)
                if and(kinds, ABOVE_TRANSFER) { break }
                sumA := sum
            }
        }
        return (sumA, pointer);
    }

    /// @dev Adds blocks of records without words, up to the first other one or `limit`.
    function _readPlain(uint256 sumA, uint256 pointer, uint256 limit, uint256 challenge)
        private
        pure
        returns (uint256, uint256)
    {
        assembly ("memory-safe") {
            // mulmod < r < 2^254 and a record < 2^124: no addition overflows. Blocks are read below `limit` only.
            let r := FIELD_MODULUS
            for {} lt(pointer, limit) { pointer := add(pointer, BLOCK_BYTES) } {
                let twoRecords := shr(8, mload(pointer))
                let even := shr(RECORD_BITS, twoRecords)
                let odd := and(twoRecords, ODD_RECORD)
                let plain := and(shr(shr(KIND_SHIFT, even), PLAIN_KINDS), shr(shr(KIND_SHIFT, odd), PLAIN_KINDS))
                if iszero(and(plain, 1)) { break }
                sumA := add(mulmod(add(mulmod(sumA, challenge, r), even), challenge, r), odd)
            }
        }
        return (sumA, pointer);
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
        (uint256 even, uint256 odd) = (twoRecords >> RECORD_BITS, twoRecords & ODD_RECORD);
        _readWords(totals, cursor, slot, even);
        _readWords(totals, cursor, slot + 1, odd);
        sumA = mulmod(sumA, cursor.challenge, FIELD_MODULUS) + even;
        return mulmod(sumA, cursor.challenge, FIELD_MODULUS) + odd;
    }

    /// @dev Reads the words of a record that has any, and takes in what it means to L1.
    /// @param slot Its position in the chunk.
    function _readWords(Totals memory totals, Cursor memory cursor, uint256 slot, uint256 record) private pure {
        uint256 kind = record >> KIND_SHIFT;
        if ((PLAIN_KINDS >> kind) & 1 == 1) return;
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
        uint256 sumB = addmod(mulmod(cursor.sumB, cursor.challenge, FIELD_MODULUS), w0, FIELD_MODULUS);
        sumB = addmod(mulmod(sumB, cursor.challenge, FIELD_MODULUS), w1, FIELD_MODULUS);
        cursor.sumB = addmod(mulmod(sumB, cursor.challenge, FIELD_MODULUS), w2, FIELD_MODULUS);
        cursor.wordPointer = pointer + WORDS_BYTES;
    }
}
