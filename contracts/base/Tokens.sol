// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {TOTAL_LIMIT} from "../libraries/Constants.sol";

/// @title Tokens and what the rollup owes in each
/// @notice Per token: tracked total = balances in the tree + unprocessed deposits + unclaimed withdrawals, and the
/// real balance is never less (docs/protocol.md, invariant 1), as long as the token itself takes nothing away.
abstract contract Tokens is IRollup {
    using SafeERC20 for IERC20;

    uint32 private constant ETH_TOKEN_ID = 0;

    uint32 private _tokenCount;
    mapping(uint32 tokenId => address token) private _addresses;
    mapping(address token => uint32 tokenId) private _ids;
    mapping(uint32 tokenId => uint256 total) private _totals;

    constructor() {
        _tokenCount = 1;
        emit TokenRegistered(ETH_TOKEN_ID, address(0));
    }

    /// @inheritdoc IRollup
    function registerToken(address token) external override returns (uint32 tokenId) {
        if (token == address(this) || token.code.length == 0) revert NotAToken(token);
        if (_ids[token] != 0) revert TokenAlreadyRegistered(token, _ids[token]);
        tokenId = _tokenCount;
        if (tokenId == type(uint32).max) revert TooManyTokens();
        _tokenCount = tokenId + 1;
        _addresses[tokenId] = token;
        _ids[token] = tokenId;
        emit TokenRegistered(tokenId, token);
    }

    /// @inheritdoc IRollup
    function tokenAddress(uint32 tokenId) external view override returns (address) {
        _requireKnown(tokenId);
        return _addresses[tokenId];
    }

    /// @inheritdoc IRollup
    function tokenIdOf(address token) external view override returns (uint32 tokenId) {
        tokenId = _ids[token];
        if (tokenId == ETH_TOKEN_ID && token != address(0)) revert NotAToken(token);
    }

    /// @inheritdoc IRollup
    function tokenCount() external view override returns (uint32) {
        return _tokenCount;
    }

    /// @inheritdoc IRollup
    function trackedTotal(uint32 tokenId) external view override returns (uint256) {
        return _totals[tokenId];
    }

    /// @dev Takes exactly `amount` of a token from the caller; ETH and the fee come along as `msg.value`.
    /// Calls the token: only for functions that are not reentrant.
    function _receive(uint32 tokenId, uint256 amount, uint256 fee) internal {
        _requireKnown(tokenId);
        if (amount == 0) revert ZeroAmount();
        uint256 total = _totals[tokenId];
        // total < 2^128 always, so the subtraction holds; and then the sum is below 2^128 again.
        if (amount >= TOTAL_LIMIT - total) revert TotalTooLarge(tokenId, total, amount);
        uint256 value = tokenId == ETH_TOKEN_ID ? amount + fee : fee;
        _requireValue(value);
        _totals[tokenId] = total + amount;
        if (tokenId != ETH_TOKEN_ID) _pull(IERC20(_addresses[tokenId]), amount);
    }

    /// @dev Pays what is owed. Calls the receiver or the token: only for functions that are not reentrant.
    function _pay(uint32 tokenId, address receiver, uint256 amount) internal {
        // What is paid is part of the total: the circuit proves that nothing leaves that did not come in.
        _totals[tokenId] -= amount;
        if (tokenId == ETH_TOKEN_ID) {
            _sendEther(receiver, amount);
        } else {
            IERC20(_addresses[tokenId]).safeTransfer(receiver, amount);
        }
    }

    /// @dev Sends ETH without taking any data back.
    function _sendEther(address receiver, uint256 amount) internal {
        if (!LowLevelCall.callNoReturn(receiver, amount, "")) revert PaymentRefused(receiver, amount);
    }

    /// @dev Exactly this much ETH must have come along.
    function _requireValue(uint256 expected) internal view {
        if (msg.value != expected) revert WrongValue(expected, msg.value);
    }

    function _pull(IERC20 token, uint256 amount) private {
        uint256 balanceBefore = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 balanceAfter = token.balanceOf(address(this));
        uint256 delivered = balanceAfter > balanceBefore ? balanceAfter - balanceBefore : 0;
        if (delivered != amount) revert WrongAmountDelivered(amount, delivered);
    }

    function _requireKnown(uint32 tokenId) private view {
        if (tokenId >= _tokenCount) revert UnknownToken(tokenId);
    }
}
