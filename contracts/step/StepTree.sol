// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IPoseidon4} from "../interfaces/IPoseidon4.sol";
import {FIELD_MODULUS, TREE_DEPTH} from "../libraries/Constants.sol";
import {Leaf} from "../types/RollupTypes.sol";
import {IStepVerifier} from "./IStepVerifier.sol";
import {LeafWitness} from "./StepTypes.sol";

/// @title Roots of the state tree from one or two leaves
/// @notice Paths always have 12 levels: leaves and nodes hash alike. Two leaves share the nodes above the place where
/// their paths meet, so one computation gives the root before a record and, with other leaves, the root after it.
library StepTree {
    uint256 private constant NONCE_SHIFT = 32;

    /// @notice Node of a witness's leaf: 0 when it is empty.
    function nodeOf(IPoseidon4 hasher, LeafWitness calldata witness) internal pure returns (uint256) {
        return witness.exists ? leafHash(hasher, witness.leaf) : 0;
    }

    /// @notice Poseidon(keyY, owner, tokenId + 2^32·nonce, balance). Reverts when keyY is not below r: it would hash like
    /// another one. All other fields have the widths of their types.
    /// Twin: packages/protocol/tree/leaf.ts hashLeaf.
    function leafHash(IPoseidon4 hasher, Leaf memory leaf) internal pure returns (uint256) {
        requireInField(leaf.keyY);
        uint256 tokenAndNonce = uint256(leaf.tokenId) | (uint256(leaf.nonce) << NONCE_SHIFT);
        return hasher.hash([leaf.keyY, uint256(uint160(leaf.owner)), tokenAndNonce, uint256(leaf.balance)]);
    }

    /// @notice Root that follows from one leaf.
    /// Twin: packages/protocol/tree/merkle-tree.ts rootFromPath.
    function rootOf(IPoseidon4 hasher, uint256 index, uint256 node, uint256[3][12] calldata siblings)
        internal
        pure
        returns (uint256)
    {
        return _climb(hasher, 0, index, node, siblings);
    }

    /// @notice Root that follows from two leaves at different indices, both < 4^12.
    /// @param siblings Of the first leaf; where the second one's path meets, its node stands in for the sibling.
    /// @param otherSiblings Of the second leaf; not read from that level upwards.
    function rootOfPair(
        IPoseidon4 hasher,
        uint256 index,
        uint256 node,
        uint256[3][12] calldata siblings,
        uint256 otherIndex,
        uint256 otherNode,
        uint256[3][12] calldata otherSiblings
    ) internal pure returns (uint256) {
        uint256 level = 0;
        // Ends: different indices below 4^12 differ in one of twelve digits, and have none left after that.
        for (; index >> 2 != otherIndex >> 2; ++level) {
            node = hasher.hash(_children(index, node, siblings[level]));
            otherNode = hasher.hash(_children(otherIndex, otherNode, otherSiblings[level]));
            index >>= 2;
            otherIndex >>= 2;
        }
        uint256[4] memory children = _children(index, node, siblings[level]);
        children[otherIndex & 3] = otherNode;
        return _climb(hasher, level + 1, index >> 2, hasher.hash(children), siblings);
    }

    /// @notice Reverts unless `value` < r.
    function requireInField(uint256 value) internal pure {
        if (value >= FIELD_MODULUS) revert IStepVerifier.WitnessNotInField(value);
    }

    /// @dev From a node `level` levels above the leaves up to the root; the lowest base-4 digit of `index` is its place.
    function _climb(
        IPoseidon4 hasher,
        uint256 level,
        uint256 index,
        uint256 node,
        uint256[3][12] calldata siblings
    ) private pure returns (uint256) {
        for (; level < TREE_DEPTH; ++level) {
            node = hasher.hash(_children(index, node, siblings[level]));
            index >>= 2;
        }
        return node;
    }

    /// @dev The four children of a node: `node` at the lowest digit of `index`, the siblings in order around it.
    function _children(uint256 index, uint256 node, uint256[3] calldata siblings)
        private
        pure
        returns (uint256[4] memory children)
    {
        uint256 digit = index & 3;
        for (uint256 position = 0; position < 3; ++position) {
            uint256 sibling = siblings[position];
            requireInField(sibling);
            children[position < digit ? position : position + 1] = sibling;
        }
        children[digit] = node;
    }
}
