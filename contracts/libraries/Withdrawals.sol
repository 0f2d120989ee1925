// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {StoredHeader} from "../types/RollupTypes.sol";

/// @title The keccak tree of a batch's withdrawals
/// @notice docs/protocol.md, Withdrawals root.
library Withdrawals {
    using BitMaps for BitMaps.BitMap;

    /// @dev Where the token stands in the second word of a record: behind the owner.
    uint256 internal constant TOKEN_SHIFT = 160;

    /// @notice Hashed twice, so that no node can pass for a leaf.
    /// Twin: packages/protocol/batch/withdrawals.ts withdrawalLeaf.
    function leaf(uint256 ownerAndToken, uint256 amount) internal pure returns (bytes32) {
        return keccak256(bytes.concat(Hashes.efficientKeccak256(bytes32(ownerAndToken), bytes32(amount))));
    }

    /// @notice Leaf of a move: 128 bytes inside, so that no move passes for a withdrawal or the other way round.
    /// Twin: packages/protocol/batch/withdrawals.ts withdrawalLeaf.
    /// @param destination Number of the destination, the record's `to`.
    function moveLeaf(uint256 ownerAndToken, uint256 amount, uint256 destination, uint256 keyY)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(bytes.concat(keccak256(abi.encode(ownerAndToken, amount, destination, keyY))));
    }

    /// @notice Marks a withdrawal or move of a final batch as paid. Reverts unless it is part of the batch and unpaid.
    /// @param claimed Of the batch, a bit for each index.
    /// @param header Of the batch; the caller has checked that it is final.
    /// @param levels `depth` of its withdrawals.
    function take(
        BitMaps.BitMap storage claimed,
        StoredHeader calldata header,
        uint256 levels,
        bytes32 node,
        uint32 index,
        bytes32[] calldata siblings
    ) internal {
        if (index >= header.withdrawalCount) revert IRollup.WithdrawalIndexTooLarge(header.withdrawalCount, index);
        if (siblings.length != levels) revert IRollup.WrongProofLength(levels, siblings.length);
        bytes32 actual = rootOf(node, index, siblings);
        if (actual != header.withdrawalsRoot) revert IRollup.WrongWithdrawalsRoot(header.withdrawalsRoot, actual);
        if (claimed.get(index)) revert IRollup.AlreadyClaimed(header.number, index);
        claimed.set(index);
    }

    /// @notice Root over the first `count` leaves; 0 when there are none. Overwrites `leaves`.
    /// Twin: packages/protocol/batch/withdrawals.ts withdrawalsRoot.
    function root(bytes32[] memory leaves, uint256 count) internal pure returns (bytes32) {
        if (count == 0) return bytes32(0);
        while (count > 1) {
            uint256 pairs = count / 2;
            // In place: pair i is read at 2i and 2i + 1 and written at i, which no later pair reads.
            for (uint256 i = 0; i < pairs; ++i) {
                leaves[i] = Hashes.efficientKeccak256(leaves[2 * i], leaves[2 * i + 1]);
            }
            if (count % 2 == 1) leaves[pairs] = Hashes.efficientKeccak256(leaves[count - 1], bytes32(0));
            count = pairs + (count % 2);
        }
        return leaves[0];
    }

    /// @notice Number of siblings that a proof must have: ⌈log2(count)⌉.
    function depth(uint256 count) internal pure returns (uint256) {
        return count < 2 ? 0 : Math.log2(count - 1) + 1;
    }

    /// @notice Root that a leaf at `index` leads to with these siblings, the leaf's first.
    /// Twin: packages/protocol/batch/withdrawals.ts withdrawalProof.
    function rootOf(bytes32 node, uint256 index, bytes32[] calldata siblings) internal pure returns (bytes32) {
        for (uint256 level = 0; level < siblings.length; ++level) {
            bytes32 sibling = siblings[level];
            node = (index >> level) & 1 == 0
                ? Hashes.efficientKeccak256(node, sibling)
                : Hashes.efficientKeccak256(sibling, node);
        }
        return node;
    }
}
