// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {TestToken} from "./TestToken.sol";

/// @title A token that can bar an address from taking it, as some do by law
contract BarringToken is TestToken {
    address private _barred;

    error Barred(address account);

    constructor() TestToken("Barring", "BAR") {}

    /// @notice Bars an address.
    function bar(address account) external {
        _barred = account;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (to == _barred && to != address(0)) revert Barred(to);
        super._update(from, to, amount);
    }
}
