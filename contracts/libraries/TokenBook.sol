// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {TOTAL_LIMIT} from "./Constants.sol";

/// @title The list of tokens and what is owed in each, for the rollup and the libraries that work for it
/// @notice Per token: tracked total = balances in the tree + unprocessed deposits + unclaimed withdrawals, and the
/// real balance is never less (docs/protocol.md, invariant 1), as long as the token itself takes nothing away.
library TokenBook {
    using SafeERC20 for IERC20;

    /// @dev Id of ETH, whose address is 0.
    uint32 internal constant ETH = 0;

    /// @param count Ids given, ETH included.
    /// @param addresses By id.
    /// @param ids By address; 0 for what has none.
    /// @param totals What is owed, by id; each below 2^128.
    struct Book {
        uint32 count;
        mapping(uint32 tokenId => address token) addresses;
        mapping(address token => uint32 tokenId) ids;
        mapping(uint32 tokenId => uint256 total) totals;
    }

    /// @notice Id of a token; reverts for unknown addresses, 0 for the address 0 (ETH).
    function idOf(Book storage book, address token) internal view returns (uint32 tokenId) {
        tokenId = book.ids[token];
        if (tokenId == ETH && token != address(0)) revert IRollup.NotAToken(token);
    }

    /// @notice Takes exactly `amount` of a known token from the caller; ETH and the fee come along as `msg.value`.
    /// Calls the token: only for functions that are not reentrant.
    function receiveFromCaller(Book storage book, uint32 tokenId, uint256 amount, uint256 fee) internal {
        if (amount == 0) revert IRollup.ZeroAmount();
        uint256 total = book.totals[tokenId];
        // total < 2^128 always, so the subtraction holds; and then the sum is below 2^128 again.
        if (amount >= TOTAL_LIMIT - total) revert IRollup.TotalTooLarge(tokenId, total, amount);
        uint256 value = tokenId == ETH ? amount + fee : fee;
        if (msg.value != value) revert IRollup.WrongValue(value, msg.value);
        book.totals[tokenId] = total + amount;
        if (tokenId != ETH) _pull(IERC20(book.addresses[tokenId]), amount);
    }

    /// @notice What is paid is part of the total: the circuit proves that nothing leaves that did not come in.
    function lower(Book storage book, uint32 tokenId, uint256 amount) internal {
        book.totals[tokenId] -= amount;
    }

    function _pull(IERC20 token, uint256 amount) private {
        uint256 balanceBefore = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 balanceAfter = token.balanceOf(address(this));
        uint256 delivered = balanceAfter > balanceBefore ? balanceAfter - balanceBefore : 0;
        if (delivered != amount) revert IRollup.WrongAmountDelivered(amount, delivered);
    }
}
