// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {TestToken} from "./TestToken.sol";

/// @title A token whose allowances are not used up, once it is told so
contract StickyAllowanceToken is TestToken {
    bool private _isOdd;

    constructor() TestToken("Sticky", "STAY") {}

    /// @notice Turns it on or off.
    function setOdd(bool isOdd) external {
        _isOdd = isOdd;
    }

    function _spendAllowance(address account, address spender, uint256 amount) internal override {
        if (!_isOdd) super._spendAllowance(account, spender, amount);
    }
}
