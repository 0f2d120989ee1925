// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {TestToken} from "./TestToken.sol";

/// @title A token that calls somewhere whenever it moves
contract ReentrantToken is TestToken {
    address private _target;
    bytes private _data;

    constructor() TestToken("Reentrant", "LOOP") {}

    /// @notice Sets the call that each later movement makes.
    function setCall(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (_target == address(0)) return;
        (bool success, bytes memory result) = _target.call(_data);
        if (success) return;
        assembly ("memory-safe") {
            // Hands on the reason.
            revert(add(result, 0x20), mload(result))
        }
    }
}
