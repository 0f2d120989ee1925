// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

// The names are used in assembly, which the linter does not see.
// solhint-disable-next-line no-unused-import
import {BLOCK_BYTES, FIELD_MODULUS, KIND_SHIFT, RECORD_BITS} from "./Constants.sol";

/// @title The Horner sum of records, where nearly all gas of reading goes
/// @notice sumA ← sumA·z + record over blocks of two records in memory. docs/protocol.md, Chunk.
/// Twin: packages/protocol/batch/chunk.ts hornerSums.
library Horner {
    /// @notice What the sums multiply by. Assembly reads the words in this order.
    /// @param squared z² mod r.
    /// @param shifted z − 2^124 mod r.
    /// @param challenge z, < r.
    /// @param modulus r: the loops load it once and keep it on the stack, where the constant would be spelled out at each use.
    struct Factors {
        uint256 squared;
        uint256 shifted;
        uint256 challenge;
        uint256 modulus;
    }

    /// @dev The bits of a block that are 0 when both kinds are 0 or 1: neither has words or means anything to L1.
    /// (14·2^244 + 14·2^120; assembly takes literals only.)
    uint256 private constant ABOVE_TRANSFER = 0x00e000000000000000000000000000000e000000000000000000000000000000;
    /// @dev Bit k is set for each kind k without words: noop, transfer, collectFee.
    uint256 internal constant PLAIN_KINDS = 0x43;
    /// @dev Bytes of the eight blocks that are read at a time.
    uint256 internal constant GROUP_BYTES = 248;
    /// @dev The odd record of a block: its low 124 bits.
    uint256 internal constant ODD_RECORD = 0xfffffffffffffffffffffffffffffff;

    /// @notice The factors for z.
    function factorsOf(uint256 challenge) internal pure returns (Factors memory) {
        return Factors({
            squared: mulmod(challenge, challenge, FIELD_MODULUS),
            shifted: addmod(challenge, FIELD_MODULUS - (1 << RECORD_BITS), FIELD_MODULUS),
            challenge: challenge,
            modulus: FIELD_MODULUS
        });
    }

    /// @notice sumA·z + record, not reduced.
    function addRecord(Factors memory factors, uint256 sumA, uint256 record) internal pure returns (uint256) {
        return mulmod(sumA, factors.challenge, FIELD_MODULUS) + record;
    }

    /// @notice sumB after one more word, < r.
    function addWord(Factors memory factors, uint256 sumB, uint256 word) internal pure returns (uint256) {
        return addmod(mulmod(sumB, factors.challenge, FIELD_MODULUS), word, FIELD_MODULUS);
    }

    /// @notice Adds groups of eight blocks that hold nothing but transfers and noops, up to the first other one.
    /// @return The sum, not reduced, and the position of the block that stopped it; fewer than eight blocks may be left.
    function addTransfers(Factors memory factors, uint256 sumA, uint256 pointer, uint256 end)
        internal
        pure
        returns (uint256, uint256)
    {
        assembly ("memory-safe") {
            // With block = high·2^124 + low, (sum·z + high)·z + low = sum·z² + high·(z − 2^124) + block: two products
            // mod r and a block stay below 2·r + 2^248 < 2^256. Blocks are read below `end` only, but for
            // the byte behind the last one, which is shifted out.
            function addBlock(sumBefore, twoRecords, square, shifted, r) -> sumAfter {
                let evenPart := mulmod(shr(RECORD_BITS, twoRecords), shifted, r)
                sumAfter := add(add(mulmod(sumBefore, square, r), evenPart), twoRecords)
            }

            // Loaded, not computed here: the compiler would compute them anew for each use.
            let square := mload(factors)
            let shifted := mload(add(factors, 0x20))
            let r := mload(add(factors, 0x60))
            for {} iszero(gt(add(pointer, GROUP_BYTES), end)) { pointer := add(pointer, GROUP_BYTES) } {
                let twoRecords := shr(8, mload(pointer))
                let kinds := twoRecords
                let sum := addBlock(sumA, twoRecords, square, shifted, r)
                twoRecords := shr(8, mload(add(pointer, 31)))
                kinds := or(kinds, twoRecords)
                sum := addBlock(sum, twoRecords, square, shifted, r)
                twoRecords := shr(8, mload(add(pointer, 62)))
                kinds := or(kinds, twoRecords)
                sum := addBlock(sum, twoRecords, square, shifted, r)
                twoRecords := shr(8, mload(add(pointer, 93)))
                kinds := or(kinds, twoRecords)
                sum := addBlock(sum, twoRecords, square, shifted, r)
                twoRecords := shr(8, mload(add(pointer, 124)))
                kinds := or(kinds, twoRecords)
                sum := addBlock(sum, twoRecords, square, shifted, r)
                twoRecords := shr(8, mload(add(pointer, 155)))
                kinds := or(kinds, twoRecords)
                sum := addBlock(sum, twoRecords, square, shifted, r)
                twoRecords := shr(8, mload(add(pointer, 186)))
                kinds := or(kinds, twoRecords)
                sum := addBlock(sum, twoRecords, square, shifted, r)
                twoRecords := shr(8, mload(add(pointer, 217)))
                kinds := or(kinds, twoRecords)
                sum := addBlock(sum, twoRecords, square, shifted, r)
                if and(kinds, ABOVE_TRANSFER) { break }
                sumA := sum
            }
        }
        return (sumA, pointer);
    }

    /// @notice Adds blocks of records without words, up to the first other one or `limit`.
    /// @return The sum, not reduced, and the position of the block that stopped it, or `limit`.
    function addPlain(Factors memory factors, uint256 sumA, uint256 pointer, uint256 limit)
        internal
        pure
        returns (uint256, uint256)
    {
        assembly ("memory-safe") {
            // mulmod < r < 2^254 and a record < 2^124: no addition overflows. Blocks are read below `limit` only.
            let r := mload(add(factors, 0x60))
            let challenge := mload(add(factors, 0x40))
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
}
