// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title Chains on which nothing has value
/// @notice Hardhat and anvil (31337) and geth --dev (1337): development keys and windows of seconds are harmless there.
/// Twin: packages/protocol/params.ts LOCAL_CHAIN_IDS.
library LocalChains {
    uint256 private constant HARDHAT = 31337;
    uint256 private constant GETH_DEVELOPMENT = 1337;

    /// @notice Whether this chain is one of them.
    function isLocal() internal view returns (bool) {
        return block.chainid == HARDHAT || block.chainid == GETH_DEVELOPMENT;
    }
}
