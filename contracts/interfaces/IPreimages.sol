// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title Secrets with the time at which they were shown
interface IPreimages {
    /// @notice A secret was shown for the first time.
    event Revealed(bytes32 indexed hash, bytes32 secret, uint256 time);

    /// @notice Shows a secret. Anyone may, again and again: the first time counts.
    function reveal(bytes32 secret) external;

    /// @notice Shows many secrets, each as `reveal` does: a hub whose payers are silent has all of theirs to show in time.
    function revealAll(bytes32[] calldata secrets) external;

    /// @notice Unix seconds of the block that first had the secret with this sha256; 0 when none did.
    function revealedAt(bytes32 hash) external view returns (uint256 time);
}
