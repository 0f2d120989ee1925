// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IExodus} from "../interfaces/IExodus.sol";
import {IPoseidon4} from "../interfaces/IPoseidon4.sol";
import {Leaf} from "../types/RollupTypes.sol";
import {FIELD_MODULUS, TREE_DEPTH} from "./Constants.sol";

/// @title Paths through the state tree
/// @notice Linked to the rollup, which has no room for this code. docs/protocol.md, State.
library StateProofs {
    /// @dev Where the nonce stands in the third field of a leaf: behind the token.
    uint256 private constant NONCE_SHIFT = 32;

    /// @notice Root that a leaf leads to: level by level upwards, the lowest base-4 digit of the index first.
    /// Twin: packages/protocol/tree/merkle-tree.ts rootFromPath.
    /// @param index < 4^12
    /// @param siblings Three a level, in the order of the children, from the leaf's level upwards.
    function rootOf(IPoseidon4 poseidon, Leaf calldata leaf, uint256 index, uint256[3][12] calldata siblings)
        external
        view
        returns (uint256 node)
    {
        node = _hashOf(poseidon, leaf);
        for (uint256 level = 0; level < TREE_DEPTH; ++level) {
            uint256 digit = (index >> (2 * level)) & 3;
            uint256[4] memory children;
            uint256 next;
            for (uint256 child = 0; child < 4; ++child) {
                children[child] = child == digit ? node : siblings[level][next++];
                _requireInField(children[child]);
            }
            node = poseidon.hash(children);
        }
    }

    /// @dev Hash of a leaf; only its key can be wider than its place. Twin: packages/protocol/tree/leaf.ts hashLeaf.
    function _hashOf(IPoseidon4 poseidon, Leaf calldata leaf) private view returns (uint256) {
        _requireInField(leaf.keyY);
        uint256 tokenAndNonce = uint256(leaf.tokenId) | (uint256(leaf.nonce) << NONCE_SHIFT);
        return poseidon.hash([leaf.keyY, uint256(uint160(leaf.owner)), tokenAndNonce, uint256(leaf.balance)]);
    }

    /// @dev A sibling ≥ r would hash like another one.
    function _requireInField(uint256 value) private pure {
        if (value >= FIELD_MODULUS) revert IExodus.NotInField(value);
    }
}
