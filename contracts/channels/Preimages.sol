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
        _reveal(secret);
    }

    /// @inheritdoc IPreimages
    function revealAll(bytes32[] calldata secrets) external override {
        for (uint256 i = 0; i < secrets.length; ++i) {
            _reveal(secrets[i]);
        }
    }

    function _reveal(bytes32 secret) private {
        bytes32 hash = sha256(abi.encodePacked(secret));
        if (revealedAt[hash] != 0) return;
        revealedAt[hash] = block.timestamp;
        emit Revealed(hash, secret, block.timestamp);
    }
}
