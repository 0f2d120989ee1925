// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {PriorityOperation} from "../types/MoveTypes.sol";
import {Leaf, StoredHeader} from "../types/RollupTypes.sol";
import {IPoseidon4} from "./IPoseidon4.sol";

/// @title The way out when the producers have stopped
/// @notice Opens once a priority operation is overdue for longer than `exodusDelay`; then the last final state stands
/// for good and every account leaves with a Merkle proof. No key material and no operator is needed.
interface IExodus {
    /// @notice Nothing is overdue for long enough.
    error ExodusNotDue();
    /// @notice A waiting batch can be made final, which comes first.
    error BatchesFinalizable();
    /// @notice The exodus is open: no batches, deposits or requests any more.
    error ExodusActive();
    /// @notice The exodus is not open.
    error ExodusNotActive();
    /// @notice The leaf is not part of the last final state.
    error WrongLeafProof(uint256 expectedRoot, uint256 actualRoot);
    /// @notice A sibling or key is not below the order of the scalar field.
    error NotInField(uint256 value);
    /// @notice The account left already.
    error AlreadyExited(uint32 accountIndex);
    /// @notice The operation was executed, so there is nothing to give back.
    error OperationExecuted(uint64 operationId, uint64 executed);
    /// @notice The given operations are not the group that was requested.
    error WrongOperation(uint64 operationId);
    /// @notice The operation was given back already.
    error AlreadyReclaimed(uint64 operationId);

    /// @notice The last final state stands for good.
    event ExodusActivated(uint64 indexed number, uint256 stateRoot, uint64 priorityCount);
    /// @notice An account left.
    event Exited(uint32 indexed accountIndex, address indexed owner, uint32 indexed tokenId, uint256 amount);
    /// @notice A request that was never executed was given back, with its fee (to collect).
    event OperationReclaimed(uint64 indexed operationId, address indexed owner, uint256 amount, uint256 fee);

    /// @notice Freezes the last final state. Anyone may.
    /// @param latest Header of the last final batch.
    function activateExodus(StoredHeader calldata latest) external;

    /// @notice Pays an account's balance in the last final state to its owner. Anyone may, once an account.
    /// @param accountIndex Index of the account, < 4^12.
    /// @param leaf Content of its leaf.
    /// @param siblings Three siblings a level, in the order of the children, from the leaf's level upwards.
    function exit(uint32 accountIndex, Leaf calldata leaf, uint256[3][12] calldata siblings) external;

    /// @notice The same for the owner itself, who names another receiver. Caller: the owner.
    function exitTo(uint32 accountIndex, Leaf calldata leaf, uint256[3][12] calldata siblings, address receiver)
        external;

    /// @notice Gives back a request that was not executed: a deposit's amount, and the fee. Anyone may; the owner gets it.
    /// @param firstId Position in the queue of the first operation of its group (of its own for most).
    /// @param operations All operations of the group, as requested: the owner who is paid is part of them.
    /// @param position Which of them is given back; each is once.
    function reclaimOperation(uint64 firstId, PriorityOperation[] calldata operations, uint256 position) external;

    /// @notice The same for the owner itself, who names another receiver of the amount. Caller: the owner, for whom the fee
    /// waits (`collectFeesTo`).
    function reclaimOperationTo(
        uint64 firstId,
        PriorityOperation[] calldata operations,
        uint256 position,
        address receiver
    ) external;

    /// @notice The hash of the state tree.
    function poseidon() external view returns (IPoseidon4);
    /// @notice Whether the exodus is open.
    function isExodusActive() external view returns (bool);
    /// @notice Whether an account left.
    function hasExited(uint32 accountIndex) external view returns (bool);
    /// @notice Whether a request was given back.
    function isReclaimed(uint64 operationId) external view returns (bool);
}
