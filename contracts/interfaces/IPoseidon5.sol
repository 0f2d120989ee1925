// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title Poseidon of five field elements
interface IPoseidon5 {
    /// @notice Poseidon with circomlib's constants over BN254 (t = 6). The caller checks that inputs are below r.
    /// Twin: packages/protocol/hash.ts portableHasher.
    function hash(uint256[5] calldata inputs) external pure returns (uint256);
}
