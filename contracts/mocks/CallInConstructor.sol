// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title Makes a call while it has no code yet, and hands on a revert's reason
contract CallInConstructor {
    constructor(address target, bytes memory data) payable {
        (bool success, bytes memory result) = target.call{value: msg.value}(data);
        if (success) return;
        assembly ("memory-safe") {
            // Hands on the reason.
            revert(add(result, 0x20), mload(result))
        }
    }
}
