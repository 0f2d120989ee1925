// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title Owner of a rollup: every change is announced on chain and waits
/// @notice Administers itself: whoever proposes can change its members only through the same delay.
contract Timelock is TimelockController {
    /// @param minDelay Seconds between a proposal and its execution, at least.
    /// @param proposers Who may propose and cancel.
    /// @param executors Who may execute what has waited; the address 0 stands for everybody.
    constructor(uint256 minDelay, address[] memory proposers, address[] memory executors)
        TimelockController(minDelay, proposers, executors, address(0))
    {}
}
