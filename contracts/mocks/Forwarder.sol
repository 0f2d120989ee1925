// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title A contract that makes calls for others and refuses ETH unless told to take it
contract Forwarder {
    /// @notice Whether ETH is taken.
    bool public takesEther;

    error EtherRefused();

    receive() external payable {
        if (!takesEther) revert EtherRefused();
    }

    /// @notice Sets whether ETH is taken.
    function setTakesEther(bool takes) external {
        takesEther = takes;
    }

    /// @notice Calls `target` and hands on a revert's reason.
    function forward(address target, bytes calldata data) external payable {
        (bool success, bytes memory result) = target.call{value: msg.value}(data);
        if (success) return;
        assembly ("memory-safe") {
            // Hands on the reason.
            revert(add(result, 0x20), mload(result))
        }
    }
}
