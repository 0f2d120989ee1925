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

    /// @notice The path of the leaf that was proven last: what stands on it and beside it, level by level. All of it is the
    /// tree's, since it led to the root. With no levels, nothing was proven yet.
    struct Path {
        uint256 index;
        bytes32[] nodes;
        bytes32[] siblings;
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
        mark(claimed, header, index);
        if (siblings.length != levels) revert IRollup.WrongProofLength(levels, siblings.length);
        bytes32 actual = rootOf(node, index, siblings);
        if (actual != header.withdrawalsRoot) revert IRollup.WrongWithdrawalsRoot(header.withdrawalsRoot, actual);
    }

    /// @notice Sets the bit of a withdrawal, whose leaf must be proven too. Reverts when it is set, or the batch has fewer.
    function mark(BitMaps.BitMap storage claimed, StoredHeader calldata header, uint32 index) internal {
        if (index >= header.withdrawalCount) revert IRollup.WithdrawalIndexTooLarge(header.withdrawalCount, index);
        if (claimed.get(index)) revert IRollup.AlreadyClaimed(header.number, index);
        claimed.set(index);
    }

    /// @notice Proves a leaf by all its siblings, or behind another by those below the level where the two paths meet: there
    /// its node must be what stood beside the other path. Reverts unless it is in the tree. Moves `path` to it.
    /// Twin: packages/protocol/batch/withdrawals.ts siblingsBehind.
    /// @param levels `depth` of the tree.
    /// @param index < 2^levels, and not that of the path.
    function climb(
        Path memory path,
        uint256 levels,
        bytes32 root_,
        bytes32 node,
        uint256 index,
        bytes32[] calldata siblings
    ) internal pure {
        uint256 given = siblings.length;
        bool isWhole = given == levels;
        if (!isWhole && (path.nodes.length == 0 || given != Math.log2(path.index ^ index))) {
            revert IRollup.WrongProofLength(levels, given);
        }
        if (path.nodes.length == 0) (path.nodes, path.siblings) = (new bytes32[](levels), new bytes32[](levels));
        path.index = index;
        for (uint256 level = 0; level < given; ++level) {
            bytes32 sibling = siblings[level];
            (path.nodes[level], path.siblings[level]) = (node, sibling);
            node = _parent(node, sibling, index, level);
        }
        bytes32 expected = isWhole ? root_ : path.siblings[given];
        if (node != expected) revert IRollup.WrongWithdrawalsRoot(expected, node);
        // The other path goes on beside this one, and both go on together above.
        if (!isWhole) (path.nodes[given], path.siblings[given]) = (node, path.nodes[given]);
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
            node = _parent(node, siblings[level], index, level);
        }
        return node;
    }

    /// @dev The node above two, of which the first is on the path of `index`.
    function _parent(bytes32 node, bytes32 sibling, uint256 index, uint256 level) private pure returns (bytes32) {
        return (index >> level) & 1 == 0
            ? Hashes.efficientKeccak256(node, sibling)
            : Hashes.efficientKeccak256(sibling, node);
    }
}
