// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {TestToken} from "./TestToken.sol";

/// @title A token that keeps something of each transfer once it is told to
contract FeeSwitchToken is TestToken {
    bool private _isOdd;

    constructor() TestToken("Fee switch", "FEES") {}

    /// @notice Turns the fee on or off.
    function setOdd(bool isOdd) external {
        _isOdd = isOdd;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (_isOdd && to != address(0)) super._update(to, address(0), 1);
    }
}
