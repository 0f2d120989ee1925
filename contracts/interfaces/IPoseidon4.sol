// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title Poseidon of four field elements
interface IPoseidon4 {
    /// @notice Poseidon with circomlib's constants over BN254 (t = 5). The caller checks that inputs are below r.
    /// Twin: packages/protocol/hash.ts portableHasher.
    function hash(uint256[4] calldata inputs) external pure returns (uint256);
}
