// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IPreimages} from "../interfaces/IPreimages.sol";

/// @title Secrets with the time at which they were shown
/// @notice One secret settles every HTLC with its hash, in every channel. The first time counts, and nothing takes it back.
contract Preimages is IPreimages {
    /// @inheritdoc IPreimages
    mapping(bytes32 hash => uint256 time) public override revealedAt;

    /// @inheritdoc IPreimages
    function reveal(bytes32 secret) external override {
        bytes32 hash = sha256(abi.encodePacked(secret));
        if (revealedAt[hash] != 0) return;
        revealedAt[hash] = block.timestamp;
        emit Revealed(hash, secret, block.timestamp);
    }
}
