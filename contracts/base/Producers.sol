// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IRollup} from "../interfaces/IRollup.sol";

/// @title Producers and their fees
/// @notice All that the owner can do: admit and dismiss producers (a list of none opens nothing; an overdue operation
/// opens producing to all), and set the fee of later priority operations up to a fixed bound. It touches no funds and
/// delays no exit.
abstract contract Producers is IRollup, Ownable {
    /// @inheritdoc IRollup
    uint128 public immutable override maxPriorityFee;

    uint128 private _priorityFee;
    mapping(address account => bool admitted) private _producers;
    mapping(address account => uint256 amount) private _fees;

    constructor(address owner, uint128 maximum, uint128 fee, address[] memory producers) Ownable(owner) {
        maxPriorityFee = maximum;
        _setPriorityFee(maximum, fee);
        for (uint256 i = 0; i < producers.length; ++i) {
            _setProducer(producers[i], true);
        }
    }

    /// @inheritdoc IRollup
    function setProducer(address producer, bool admitted) external override onlyOwner {
        _setProducer(producer, admitted);
    }

    /// @inheritdoc IRollup
    function setPriorityFee(uint128 fee) external override onlyOwner {
        _setPriorityFee(maxPriorityFee, fee);
    }

    /// @inheritdoc IRollup
    function isProducer(address account) public view override returns (bool) {
        return _producers[account];
    }

    /// @inheritdoc IRollup
    function priorityFee() public view override returns (uint128) {
        return _priorityFee;
    }

    /// @inheritdoc IRollup
    function collectableFees(address account) external view override returns (uint256) {
        return _fees[account];
    }

    /// @dev Fees that came along with priority operations, kept apart from what accounts own.
    function _creditFees(address account, uint256 amount) internal {
        if (amount == 0) return;
        _fees[account] += amount;
        emit FeesCredited(account, amount);
    }

    /// @dev Empties the caller's account of fees.
    function _takeFees() internal returns (uint256 amount) {
        amount = _fees[msg.sender];
        if (amount == 0) revert NoFees(msg.sender);
        _fees[msg.sender] = 0;
        emit FeesCollected(msg.sender, amount);
    }

    function _setProducer(address producer, bool admitted) private {
        _producers[producer] = admitted;
        emit ProducerSet(producer, admitted);
    }

    function _setPriorityFee(uint128 maximum, uint128 fee) private {
        if (fee > maximum) revert PriorityFeeTooHigh(maximum, fee);
        _priorityFee = fee;
        emit PriorityFeeSet(fee);
    }
}
