// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {TestToken} from "./TestToken.sol";

/// @title A token that returns false instead of reverting, and moves nothing
contract FalseToken is TestToken {
    constructor() TestToken("False", "FALSE") {}

    /// @notice Moves nothing.
    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return false;
    }

    /// @notice Moves nothing.
    function transfer(address, uint256) public pure override returns (bool) {
        return false;
    }
}
