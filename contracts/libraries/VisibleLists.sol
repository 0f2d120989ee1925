// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRollup} from "../interfaces/IRollup.sol";
import {
    FIELD_MODULUS,
    INDEX_BITS,
    KIND_DEPOSIT,
    KIND_FORCED_EXIT,
    KIND_MOVE,
    KIND_SHIFT,
    KIND_TRANSFER_TO_NEW,
    TO_SHIFT,
    VISIBLE_ENTRY_BYTES
} from "./Constants.sol";
import {PriorityQueue} from "./PriorityQueue.sol";
import {Withdrawals} from "./Withdrawals.sol";

/// @title The records that mean something to L1
/// @notice The visible list of a chunk has an entry of 112 bytes (record ‖ w0 ‖ w1 ‖ w2) for each record of kinds 2 to 5 and
/// 7, in slot order. That it is complete and true is proven: by `sum`, or as `visibleCount` in a dispute.
/// docs/protocol.md, Chunk.
library VisibleLists {
    /// @dev Bit k is set for each visible kind k: 2, 3, 4, 5 and 7.
    uint256 private constant VISIBLE_KINDS = 0xbc;

    /// @notice What the entries of a batch add up to, across its chunks.
    /// @param entryCount Entries read so far.
    /// @param priorityCount Entries of kinds 4 and 5, all of which stand first.
    /// @param rollingHash The queue's hash after them.
    /// @param transferToNewCount Entries of kind 2.
    /// @param withdrawalCount Entries of kinds 3, 5 and 7 with an amount.
    /// @param withdrawals Their leaves; room for one an entry.
    /// @param longest Entries of the longest list.
    struct Totals {
        uint256 entryCount;
        uint256 priorityCount;
        bytes32 rollingHash;
        uint256 transferToNewCount;
        uint256 withdrawalCount;
        bytes32[] withdrawals;
        uint256 longest;
    }

    /// @dev An entry as it is read.
    struct Entry {
        uint256 record;
        uint256 w0;
        uint256 w1;
        uint256 w2;
    }

    /// @notice Makes room for the entries of all lists. Reverts unless each is a whole number of entries, M at most.
    /// @param slots M.
    /// @return totals With nothing read yet.
    function measure(bytes[] calldata lists, uint256 slots) internal pure returns (Totals memory totals) {
        uint256 entries;
        for (uint256 k = 0; k < lists.length; ++k) {
            uint256 length = lists[k].length;
            uint256 count = length / VISIBLE_ENTRY_BYTES;
            if (length % VISIBLE_ENTRY_BYTES != 0) revert IRollup.WrongVisibleLength(k, length);
            if (count > slots) revert IRollup.TooManyVisible(k, slots, count);
            entries += count;
            if (count > totals.longest) totals.longest = count;
        }
        totals.withdrawals = new bytes32[](entries);
    }

    /// @notice Reads all entries once and adds what they mean to `totals`.
    /// Twin: packages/protocol/batch/visible.ts visibleHash.
    /// @param totals Of `measure`, with the queue's hash so far.
    /// @return hashes keccak(keccak(entry) ‖ …) of each list.
    function read(bytes[] calldata lists, Totals memory totals) internal pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](lists.length);
        bytes32[] memory entryHashes = new bytes32[](totals.longest);
        Entry memory entry;
        for (uint256 k = 0; k < lists.length; ++k) {
            bytes calldata list = lists[k];
            uint256 count = list.length / VISIBLE_ENTRY_BYTES;
            for (uint256 i = 0; i < count; ++i) {
                entryHashes[i] = _load(list, i, entry);
                _take(totals, k, i, entry);
            }
            assembly ("memory-safe") {
                // The first `count` words of entryHashes, which has `longest` of them. The list is in bounds: it is read at k.
                mstore(add(add(hashes, 0x20), mul(k, 0x20)), keccak256(add(entryHashes, 0x20), mul(count, 0x20)))
            }
        }
    }

    /// @notice sumV: the Horner sum of all words of a list's entries modulo r.
    /// Twin: packages/protocol/batch/chunk.ts visibleSum.
    /// @param list Whole entries, as `read` has taken them.
    /// @param challenge z.
    /// @return result < r
    function sum(bytes calldata list, uint256 challenge) internal pure returns (uint256 result) {
        uint256 r = FIELD_MODULUS;
        assembly ("memory-safe") {
            let position := list.offset
            let end := add(position, list.length)
            for {} lt(position, end) { position := add(position, VISIBLE_ENTRY_BYTES) } {
                // A record < 2^124 and words < r: each sum is below 2·r < 2^256, and mulmod takes it as it is.
                result := add(mulmod(result, challenge, r), shr(128, calldataload(position)))
                result := add(mulmod(result, challenge, r), calldataload(add(position, 16)))
                result := add(mulmod(result, challenge, r), calldataload(add(position, 48)))
                result := add(mulmod(result, challenge, r), calldataload(add(position, 80)))
            }
            result := mod(result, r)
        }
    }

    /// @dev Copies an entry out of its list and hashes it. i < the list's entries.
    function _load(bytes calldata list, uint256 i, Entry memory entry) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            // Scratch beyond the free pointer; the four words of `entry` are written where they are allocated.
            let scratch := mload(0x40)
            calldatacopy(scratch, add(list.offset, mul(i, VISIBLE_ENTRY_BYTES)), VISIBLE_ENTRY_BYTES)
            hash := keccak256(scratch, VISIBLE_ENTRY_BYTES)
            mstore(entry, shr(128, mload(scratch)))
            mcopy(add(entry, 0x20), add(scratch, 16), 96)
        }
    }

    /// @dev Checks an entry and takes in what it means to L1.
    function _take(Totals memory totals, uint256 chunk, uint256 i, Entry memory entry) private pure {
        (uint256 record, uint256 w0, uint256 w1, uint256 w2) = (entry.record, entry.w0, entry.w1, entry.w2);
        // Of a record with one of its upper four bits set, this is 16 or more.
        uint256 kind = record >> KIND_SHIFT;
        if ((VISIBLE_KINDS >> kind) & 1 == 0) revert IRollup.KindNotVisible(chunk, i, kind);
        if (w0 >= FIELD_MODULUS) revert IRollup.WordNotInField(chunk, i, 0, w0);
        if (w1 >= FIELD_MODULUS) revert IRollup.WordNotInField(chunk, i, 1, w1);
        if (w2 >= FIELD_MODULUS) revert IRollup.WordNotInField(chunk, i, 2, w2);
        uint256 position = totals.entryCount++;
        if (kind == KIND_TRANSFER_TO_NEW) {
            ++totals.transferToNewCount;
            return;
        }
        if (kind == KIND_DEPOSIT || kind == KIND_FORCED_EXIT) {
            // All entries before it were priority records too, exactly when there were as many of them as entries.
            if (position != totals.priorityCount) revert IRollup.PriorityRecordNotFirst(chunk, i);
            ++totals.priorityCount;
            totals.rollingHash = PriorityQueue.nextExecutedHash(totals.rollingHash, record, w0, w1, w2);
        }
        if (kind == KIND_DEPOSIT || w2 == 0) return;
        totals.withdrawals[totals.withdrawalCount++] = kind == KIND_MOVE
            ? Withdrawals.moveLeaf(w1, w2, (record >> TO_SHIFT) & ((1 << INDEX_BITS) - 1), w0)
            : Withdrawals.leaf(w1, w2);
    }
}
