// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {TestToken} from "./TestToken.sol";

/// @title A token that takes an allowance only where there is none, like Tether's
contract ResettingToken is TestToken {
    error AllowanceInUse();

    constructor() TestToken("Resetting", "RST") {}

    function approve(address spender, uint256 amount) public override returns (bool) {
        if (amount != 0 && allowance(msg.sender, spender) != 0) revert AllowanceInUse();
        return super.approve(spender, amount);
    }
}
