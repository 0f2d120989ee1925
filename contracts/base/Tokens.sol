// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {TokenBook} from "../libraries/TokenBook.sol";

/// @title Tokens and what the rollup owes in each
/// @notice Registration, and payments in and out. The numbers stand in a TokenBook.
abstract contract Tokens is IRollup {
    using SafeERC20 for IERC20;
    using TokenBook for TokenBook.Book;

    TokenBook.Book private _book;

    constructor() {
        _book.count = 1;
        emit TokenRegistered(TokenBook.ETH, address(0));
    }

    /// @inheritdoc IRollup
    function registerToken(address token) external override returns (uint32 tokenId) {
        if (token == address(this) || token.code.length == 0) revert NotAToken(token);
        if (_book.ids[token] != 0) revert TokenAlreadyRegistered(token, _book.ids[token]);
        tokenId = _book.count;
        if (tokenId == type(uint32).max) revert TooManyTokens();
        _book.count = tokenId + 1;
        _book.addresses[tokenId] = token;
        _book.ids[token] = tokenId;
        emit TokenRegistered(tokenId, token);
    }

    /// @inheritdoc IRollup
    function tokenAddress(uint32 tokenId) external view override returns (address) {
        _requireKnown(tokenId);
        return _book.addresses[tokenId];
    }

    /// @inheritdoc IRollup
    function tokenIdOf(address token) external view override returns (uint32) {
        return _book.idOf(token);
    }

    /// @inheritdoc IRollup
    function tokenCount() external view override returns (uint32) {
        return _book.count;
    }

    /// @inheritdoc IRollup
    function trackedTotal(uint32 tokenId) external view override returns (uint256) {
        return _book.totals[tokenId];
    }

    /// @dev The book, for libraries that receive or pay.
    function _tokens() internal view returns (TokenBook.Book storage book) {
        return _book;
    }

    /// @dev Takes exactly `amount` of a token from the caller; ETH and the fee come along as `msg.value`.
    /// Calls the token: only for functions that are not reentrant.
    function _receive(uint32 tokenId, uint256 amount, uint256 fee) internal {
        _requireKnown(tokenId);
        _book.receiveFromCaller(tokenId, amount, fee);
    }

    /// @dev Pays what is owed. Calls the receiver or the token: only for functions that are not reentrant.
    function _pay(uint32 tokenId, address receiver, uint256 amount) internal {
        _book.lower(tokenId, amount);
        if (tokenId == TokenBook.ETH) {
            _sendEther(receiver, amount);
        } else {
            IERC20(_book.addresses[tokenId]).safeTransfer(receiver, amount);
        }
    }

    /// @dev Sends ETH without taking any data back.
    function _sendEther(address receiver, uint256 amount) internal {
        if (!LowLevelCall.callNoReturn(receiver, amount, "")) revert PaymentRefused(receiver, amount);
    }

    function _requireKnown(uint32 tokenId) private view {
        if (tokenId >= _book.count) revert UnknownToken(tokenId);
    }
}
