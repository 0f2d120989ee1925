// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title Commitment to the state between two records
/// @notice docs/protocol.md, Step.
/// Twin: packages/protocol/step/commitment.ts stepCommitment.
library StepCommitment {
    /// @notice keccak(abi(uint256 stateRoot, uint256[4] fees, uint256[4] feeTokens, uint256 visibleCount)).
    function hash(uint256 stateRoot, uint256[4] memory fees, uint256[4] memory feeTokens, uint256 visibleCount)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(stateRoot, fees, feeTokens, visibleCount));
    }
}
