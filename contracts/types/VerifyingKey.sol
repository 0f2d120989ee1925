// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @notice A Groth16 verifying key over BN254. Points of G2 are xImaginary, xReal, yImaginary, yReal.
/// @dev In the twin, the real parts come first.
/// Twin: packages/protocol/types.ts VerifyingKey.
/// @param ic One point more than there are public inputs.
struct VerifyingKey {
    uint256[2] alpha;
    uint256[4] beta;
    uint256[4] gamma;
    uint256[4] delta;
    uint256[2][] ic;
}
