// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title A receiver of ETH that calls its payer back, and takes the money whatever comes of the call
contract ReentrantReceiver {
    bytes private _data;

    /// @notice Payments so far.
    uint256 public payments;
    /// @notice Calls back that succeeded.
    uint256 public entries;

    error CallFailed();

    receive() external payable {
        _callBack();
    }

    /// @notice Sets the call that each later payment makes.
    function setCall(bytes calldata data) external {
        _data = data;
    }

    /// @notice Calls `target`.
    function forward(address target, bytes calldata data) external payable {
        (bool success,) = target.call{value: msg.value}(data);
        if (!success) revert CallFailed();
    }

    function _callBack() private {
        ++payments;
        (bool success,) = msg.sender.call(_data);
        if (success) ++entries;
    }
}
