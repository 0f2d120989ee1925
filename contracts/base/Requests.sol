// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {
    DEPOSIT_RESERVE_LEAVES,
    FIELD_MODULUS,
    FROM_SHIFT,
    KIND_DEPOSIT,
    KIND_FORCED_EXIT,
    KIND_SHIFT,
    TREE_CAPACITY
} from "../libraries/Constants.sol";
import {DepositGroups} from "../libraries/DepositGroups.sol";
import {PriorityQueue} from "../libraries/PriorityQueue.sol";
import {FinalChain} from "./FinalChain.sol";
import {Producers} from "./Producers.sol";
import {Tokens} from "./Tokens.sol";

/// @title Deposits and exit requests
/// @notice One operation at a time enters the queue here, many by Imports. What cannot be executed is refused here, at once.
abstract contract Requests is FinalChain, Tokens, Producers, ReentrancyGuardTransient {
    using PriorityQueue for PriorityQueue.Queue;

    /// @dev Where the token stands in the second word of a record: behind the owner.
    uint256 private constant TOKEN_SHIFT = 160;

    /// @inheritdoc IRollup
    uint40 public immutable override priorityDelay;
    /// @inheritdoc IRollup
    uint40 public immutable override priorityInterval;

    PriorityQueue.Queue private _queue;

    /// @param interval Not 0, or so many requests could fall due at once that no producer can keep up.
    constructor(uint40 delay, uint40 interval) {
        if (interval == 0) revert InvalidParameter("priorityInterval", interval);
        priorityDelay = delay;
        priorityInterval = interval;
    }

    /// @inheritdoc IRollup
    function deposit(uint32 tokenId, uint256 amount, uint256 keyY, address owner)
        external
        payable
        override
        nonReentrant
        beforeExodus
        returns (uint64)
    {
        if (keyY >= FIELD_MODULUS) revert KeyNotInField(keyY);
        if (owner == address(0)) revert ZeroOwner();
        _countDeposits(1);
        uint128 fee = priorityFee();
        _receive(tokenId, amount, fee);
        return _request(owner, KIND_DEPOSIT << KIND_SHIFT, keyY, _ownerAndToken(owner, tokenId), amount, fee);
    }

    /// @inheritdoc IRollup
    function requestExit(uint32 accountIndex, uint32 tokenId)
        external
        payable
        override
        nonReentrant
        beforeExodus
        returns (uint64)
    {
        if (accountIndex >= TREE_CAPACITY) revert AccountIndexTooLarge(accountIndex);
        uint256 fee = msg.value;
        // Up to the bound and not the fee exactly, or an owner could raise and lower the fee to fail each request.
        if (fee < priorityFee() || fee > maxPriorityFee) revert WrongValue(priorityFee(), fee);
        uint256 record = (KIND_FORCED_EXIT << KIND_SHIFT) | (uint256(accountIndex) << FROM_SHIFT);
        return _request(msg.sender, record, 0, _ownerAndToken(msg.sender, tokenId), 0, uint128(fee));
    }

    /// @inheritdoc IRollup
    function queueState() external view override returns (uint64, uint64) {
        return (_queue.requestedCount, _queue.depositCount);
    }

    /// @inheritdoc IRollup
    function priorityOperation(uint64 operationId) external view override returns (bytes32, uint64, uint256) {
        return DepositGroups.operation(_queue, operationId, _finalTip().priorityCount);
    }

    /// @inheritdoc IRollup
    function operationGroup(uint64 operationId) external view override returns (uint64, uint64) {
        return DepositGroups.groupOf(_queue, operationId, _finalTip().priorityCount);
    }

    /// @dev The queue, for those who execute it and for Imports.
    function _priorityQueue() internal view returns (PriorityQueue.Queue storage queue) {
        return _queue;
    }

    /// @dev A final batch has executed operations, `executedCount` of them so far.
    function _afterExecution(uint64 executedCount) internal {
        _queue.bringForward(executedCount, priorityDelay, priorityInterval);
    }

    function _request(address owner, uint256 record, uint256 w0, uint256 w1, uint256 w2, uint128 fee)
        private
        returns (uint64)
    {
        bytes32 rollingHash =
            PriorityQueue.nextHash(_queue.hashOfFirst(_queue.requestedCount), record, w0, w1, w2);
        uint64 operationId = _queue.push(rollingHash, 1, _finalTip().priorityCount, priorityDelay, priorityInterval, fee);
        uint40 earliestDeadline = uint40(block.timestamp) + priorityDelay;
        emit PriorityRequested(operationId, owner, record, w0, w1, w2, earliestDeadline, fee);
        return operationId;
    }

    /// @dev Counts further deposits, each of which must find an empty leaf.
    function _countDeposits(uint64 added) internal {
        uint64 deposits = _queue.depositCount;
        uint256 used = deposits + _finalTip().transferToNewCount;
        if (used + added > TREE_CAPACITY - DEPOSIT_RESERVE_LEAVES) revert DepositsFull(used);
        _queue.depositCount = deposits + added;
    }

    function _ownerAndToken(address owner, uint32 tokenId) private pure returns (uint256) {
        return uint256(uint160(owner)) | (uint256(tokenId) << TOKEN_SHIFT);
    }
}
