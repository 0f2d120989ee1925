// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {IMoves} from "../interfaces/IMoves.sol";
import {MoveDeposit, MoveProof} from "../types/MoveTypes.sol";
import {StoredHeader} from "../types/RollupTypes.sol";
import {TokenBook} from "./TokenBook.sol";
import {Withdrawals} from "./Withdrawals.sol";

/// @title How moves are taken out of a batch and handed over
/// @notice Linked to the rollup, which has no room for this code; it works on the rollup's storage.
library MoveExecution {
    using SafeERC20 for IERC20;
    using TokenBook for TokenBook.Book;

    /// @notice Marks moves of one token as paid, pays their sum to the destination and has them imported there.
    /// Calls destination and token: only for functions that are not reentrant.
    /// @param claimed Of the batch.
    /// @param header Final, as the caller has checked.
    /// @param receiver Contract that the destination's number stands for.
    /// @param moves At least one.
    function execute(
        BitMaps.BitMap storage claimed,
        TokenBook.Book storage book,
        StoredHeader calldata header,
        uint32 destination,
        address receiver,
        MoveProof[] calldata moves
    ) external {
        uint32 tokenId = uint32(moves[0].ownerAndToken >> Withdrawals.TOKEN_SHIFT);
        MoveDeposit[] memory deposits = new MoveDeposit[](moves.length);
        uint32[] memory indices = new uint32[](moves.length);
        uint256 levels = Withdrawals.depth(header.withdrawalCount);
        Withdrawals.Path memory path;
        uint256 sum;
        for (uint256 i = 0; i < moves.length; ++i) {
            MoveProof calldata move = moves[i];
            uint32 actual = uint32(move.ownerAndToken >> Withdrawals.TOKEN_SHIFT);
            if (actual != tokenId) revert IMoves.SeveralTokens(tokenId, actual);
            Withdrawals.mark(claimed, header, move.index);
            Withdrawals.climb(
                path, levels, header.withdrawalsRoot, leafOf(destination, move), move.index, move.siblings
            );
            sum += move.amount;
            indices[i] = move.index;
            // The total is below 2^128 and at least the sum, or this reverts below: no amount is cut.
            deposits[i] = MoveDeposit(move.keyY, address(uint160(move.ownerAndToken)), uint128(move.amount));
        }
        book.lower(tokenId, sum);
        emit IMoves.MovesExecuted(header.number, destination, tokenId, sum, indices);
        if (tokenId == TokenBook.ETH) {
            // The answer is decoded: a contract without this function, or none any more, fails.
            IMoves(receiver).importMoves{value: msg.value + sum}(address(0), deposits);
        } else {
            _deliver(IERC20(book.addresses[tokenId]), receiver, sum, deposits);
        }
    }

    /// @notice The leaf that a move claims to have.
    function leafOf(uint32 destination, MoveProof calldata move) internal pure returns (bytes32) {
        return Withdrawals.moveLeaf(move.ownerAndToken, move.amount, destination, move.keyY);
    }

    /// @dev The destination must take exactly the sum: no less, or the rest belonged to nobody; no more, or it was others'.
    function _deliver(IERC20 token, address receiver, uint256 sum, MoveDeposit[] memory deposits) private {
        uint256 balanceBefore = token.balanceOf(address(this));
        token.forceApprove(receiver, sum);
        IMoves(receiver).importMoves{value: msg.value}(address(token), deposits);
        uint256 balanceAfter = token.balanceOf(address(this));
        uint256 taken = balanceBefore > balanceAfter ? balanceBefore - balanceAfter : 0;
        if (taken != sum) revert IMoves.WrongAmountTaken(sum, taken);
        uint256 allowance = token.allowance(address(this), receiver);
        if (allowance != 0) revert IMoves.AllowanceLeft(allowance);
    }
}
