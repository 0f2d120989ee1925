// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {IExodus} from "../interfaces/IExodus.sol";
import {IPoseidon4} from "../interfaces/IPoseidon4.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {
    EMPTY_STATE_ROOT,
    KIND_DEPOSIT,
    KIND_SHIFT,
    TREE_CAPACITY,
    TREE_DEPTH
} from "../libraries/Constants.sol";
import {DepositGroups} from "../libraries/DepositGroups.sol";
import {PriorityQueue} from "../libraries/PriorityQueue.sol";
import {StateProofs} from "../libraries/StateProofs.sol";
import {PriorityOperation} from "../types/MoveTypes.sol";
import {Leaf, StoredHeader} from "../types/RollupTypes.sol";
import {Claims} from "./Claims.sol";

/// @title The exodus
/// @notice Once an operation is overdue for `exodusDelay`, anyone freezes the last final state for good. Then every
/// account leaves with a Merkle proof, requests that were not executed are given back, and claims of final withdrawals
/// go on. The tracked totals cover exactly these three, so none can take from another.
abstract contract Exodus is Claims {
    using BitMaps for BitMaps.BitMap;
    using PriorityQueue for PriorityQueue.Queue;

    /// @dev Where the token stands in the second word of a record: behind the owner.
    uint256 private constant TOKEN_SHIFT = 160;

    /// @inheritdoc IRollup
    uint40 public immutable override exodusDelay;
    /// @inheritdoc IExodus
    IPoseidon4 public immutable override poseidon;

    uint256 private _frozenRoot;
    BitMaps.BitMap private _exited;
    BitMaps.BitMap private _reclaimed;

    /// @param delay Longer than `livenessTimeout`, so that others had their chance to produce, and than a request needs
    /// to be executed by an honest producer (D + maxBatchAge).
    /// @param hasher Checked here against the root of the empty tree: a wrong one would lock all exits.
    constructor(uint40 delay, IPoseidon4 hasher) {
        if (delay <= livenessTimeout || delay <= priorityDelay + maxBatchAge) {
            revert InvalidParameter("exodusDelay", delay);
        }
        uint256 node;
        for (uint256 level = 0; level < TREE_DEPTH; ++level) {
            node = hasher.hash([node, node, node, node]);
        }
        if (node != EMPTY_STATE_ROOT) revert InvalidParameter("poseidon", uint256(uint160(address(hasher))));
        exodusDelay = delay;
        poseidon = hasher;
    }

    /// @inheritdoc IExodus
    function activateExodus(StoredHeader calldata latest) external override beforeExodus {
        Tip memory tip = _finalTip();
        _requireTip(tip.number, latest);
        if (!_priorityQueue().isOverdueBy(tip.priorityCount, exodusDelay)) revert ExodusNotDue();
        // What waited long enough is right, and may hold the overdue operation: it is made final first.
        if (_isFinalizable()) revert BatchesFinalizable();
        _freeze();
        _frozenRoot = latest.stateRoot;
        emit ExodusActivated(latest.number, latest.stateRoot, latest.priorityCount);
    }

    /// @inheritdoc IExodus
    function exit(uint32 accountIndex, Leaf calldata leaf, uint256[3][12] calldata siblings)
        external
        override
        nonReentrant
        inExodus
    {
        _exit(accountIndex, leaf, siblings, OWNER);
    }

    /// @inheritdoc IExodus
    function exitTo(uint32 accountIndex, Leaf calldata leaf, uint256[3][12] calldata siblings, address receiver)
        external
        override
        nonReentrant
        inExodus
    {
        _requireReceiver(receiver);
        _exit(accountIndex, leaf, siblings, receiver);
    }

    /// @inheritdoc IExodus
    function reclaimOperation(uint64 firstId, PriorityOperation[] calldata operations, uint256 position)
        external
        override
        nonReentrant
        inExodus
    {
        _reclaim(firstId, operations, position, OWNER);
    }

    /// @inheritdoc IExodus
    function reclaimOperationTo(
        uint64 firstId,
        PriorityOperation[] calldata operations,
        uint256 position,
        address receiver
    ) external override nonReentrant inExodus {
        _requireReceiver(receiver);
        _reclaim(firstId, operations, position, receiver);
    }

    /// @inheritdoc IExodus
    function hasExited(uint32 accountIndex) external view override returns (bool) {
        return _exited.get(accountIndex);
    }

    /// @inheritdoc IExodus
    function isReclaimed(uint64 operationId) external view override returns (bool) {
        return _reclaimed.get(operationId);
    }

    modifier inExodus() {
        if (!isExodusActive()) revert ExodusNotActive();
        _;
    }

    function _exit(uint32 accountIndex, Leaf calldata leaf, uint256[3][12] calldata siblings, address receiver)
        private
    {
        if (accountIndex >= TREE_CAPACITY) revert AccountIndexTooLarge(accountIndex);
        if (_exited.get(accountIndex)) revert AlreadyExited(accountIndex);
        uint256 root = StateProofs.rootOf(poseidon, leaf, accountIndex, siblings);
        if (root != _frozenRoot) revert WrongLeafProof(_frozenRoot, root);

        _exited.set(accountIndex);
        emit Exited(accountIndex, leaf.owner, leaf.tokenId, leaf.balance);
        _pay(leaf.tokenId, _receiverFor(leaf.owner, receiver), leaf.balance);
    }

    function _reclaim(
        uint64 firstId,
        PriorityOperation[] calldata operations,
        uint256 position,
        address receiver
    ) private {
        uint64 operationId = _requireGroup(firstId, operations, position);
        if (_reclaimed.get(operationId)) revert AlreadyReclaimed(operationId);

        _reclaimed.set(operationId);
        PriorityOperation calldata operation = operations[position];
        uint256 w1 = operation.w1;
        address owner = address(uint160(w1));
        uint256 fee = DepositGroups.feeOf(_priorityQueue(), firstId, uint64(operations.length));
        _creditFees(owner, fee);
        // An exit request has amount 0: its account leaves with `exit`.
        uint256 amount = operation.record >> KIND_SHIFT == KIND_DEPOSIT ? operation.w2 : 0;
        emit OperationReclaimed(operationId, owner, amount, fee);
        if (amount != 0) _pay(uint32(w1 >> TOKEN_SHIFT), _receiverFor(owner, receiver), amount);
    }

    /// @dev The operations are a whole group that was requested and not executed, and the position is within it.
    function _requireGroup(uint64 firstId, PriorityOperation[] calldata operations, uint256 position)
        private
        view
        returns (uint64)
    {
        PriorityQueue.Queue storage queue = _priorityQueue();
        uint64 executed = _finalTip().priorityCount;
        if (firstId < executed) revert OperationExecuted(firstId, executed);
        uint64 size = queue.groupSize(firstId);
        // Within a group there is no hash to start from, and none to end at.
        if (
            size == 0 || size != operations.length || position >= size
                || DepositGroups.hashOf(queue.hashOfFirst(firstId), operations) != queue.hashOfFirst(firstId + size)
        ) revert WrongOperation(firstId);
        return firstId + uint64(position);
    }
}
