// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title The owner of a channel's account on the rollup
interface IChannelVault {
    /// @notice Only the contract that made the vault may tell it what to do.
    error NotChannels(address caller);
    /// @notice The receiver did not take the ETH.
    error PaymentRefused(address receiver, uint256 amount);

    /// @notice Requests that all of an account is paid out, which pays here what the vault owns. The value is the fee.
    function requestExit(uint32 accountIndex, uint32 tokenId) external payable;

    /// @notice Sends the fees on that the rollup gave back (in the exodus).
    function collectFees(address receiver) external;

    /// @notice Pays.
    /// @param token The address 0 for ETH.
    function pay(address token, address receiver, uint256 amount) external;
}
