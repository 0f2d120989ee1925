// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {MoveDeposit} from "../types/MoveTypes.sol";

/// @title A destination that takes what it is told to take, answers what it is told, and calls somewhere before
contract BadDestination {
    uint256 private _taken;
    uint256 private _sentBack;
    bytes private _answer;
    address private _target;
    bytes private _data;

    /// @notice Imports so far.
    uint256 public imports;
    /// @notice Deposits of the last import.
    uint256 public lastCount;

    error ImportRefused();

    /// @notice Sets what later imports do with the payer's tokens, and what they answer.
    /// @param taken Tokens that are taken of the payer; type(uint256).max refuses the import.
    /// @param sentBack Tokens that are sent to the payer behind it.
    function setTaking(uint256 taken, uint256 sentBack, bytes calldata answer) external {
        (_taken, _sentBack, _answer) = (taken, sentBack, answer);
    }

    /// @notice Sets a call that later imports make first; its failure is theirs.
    function setCall(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    /// @notice Moves tokens of an account that allowed it.
    function pull(IERC20 token, address from, uint256 amount) external {
        token.transferFrom(from, address(this), amount);
    }

    /// @notice What a rollup calls.
    function importMoves(address token, MoveDeposit[] calldata deposits) external payable returns (uint64) {
        if (_taken == type(uint256).max) revert ImportRefused();
        ++imports;
        lastCount = deposits.length;
        if (_target != address(0)) _call();
        if (token != address(0)) {
            if (_taken != 0) IERC20(token).transferFrom(msg.sender, address(this), _taken);
            if (_sentBack != 0) IERC20(token).transfer(msg.sender, _sentBack);
        }
        bytes memory answer = _answer;
        assembly ("memory-safe") {
            return(add(answer, 0x20), mload(answer))
        }
    }

    function _call() private {
        (bool success, bytes memory result) = _target.call(_data);
        if (success) return;
        assembly ("memory-safe") {
            // Hands on the reason.
            revert(add(result, 0x20), mload(result))
        }
    }
}
