// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

/// @title The keccak tree of a batch's withdrawals
/// @notice docs/protocol.md, Withdrawals root.
library Withdrawals {
    /// @notice Hashed twice, so that no node can pass for a leaf.
    /// Twin: packages/protocol/batch/withdrawals.ts withdrawalLeaf.
    function leaf(uint256 ownerAndToken, uint256 amount) internal pure returns (bytes32) {
        return keccak256(bytes.concat(Hashes.efficientKeccak256(bytes32(ownerAndToken), bytes32(amount))));
    }

    /// @notice Leaf of a move, which names where the money goes: of another length than that of a withdrawal.
    /// Twin: packages/protocol/batch/withdrawals.ts withdrawalLeaf.
    /// @param destination Number of the destination on L1.
    /// @param keyY Key of the account there.
    function moveLeaf(uint256 ownerAndToken, uint256 amount, uint256 destination, uint256 keyY)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(bytes.concat(keccak256(abi.encode(ownerAndToken, amount, destination, keyY))));
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
