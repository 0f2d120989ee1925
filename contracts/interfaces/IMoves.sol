// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {MoveDeposit, MoveProof} from "../types/MoveTypes.sol";
import {StoredHeader} from "../types/RollupTypes.sol";

/// @title Moving between rollups
/// @notice Records of kind 7 leave one rollup for another contract that has `importMoves`. docs/protocol.md, Moves.
interface IMoves {
    /// @notice The address has no code or is this contract.
    error NotADestination(address destination);
    /// @notice No further numbers of destinations.
    error TooManyDestinations();
    /// @notice No destination has this number.
    error UnknownDestination(uint32 destination);
    /// @notice One call moves at least one, and imports at most so many.
    error WrongMoveCount(uint256 maximum, uint256 actual);
    /// @notice All moves of a call are of one token.
    error SeveralTokens(uint32 expected, uint32 actual);
    /// @notice The destination took another amount than it was given.
    error WrongAmountTaken(uint256 expected, uint256 actual);
    /// @notice The destination may still take tokens.
    error AllowanceLeft(uint256 allowance);
    /// @notice Until then only the owner may claim a move: whoever else did would spoil it.
    error MoveClaimTooEarly(uint64 claimableAt);

    /// @notice A contract got its number.
    event DestinationRegistered(uint32 indexed number, address indexed destination);
    /// @notice Moves were paid to their destination.
    /// @param number Batch.
    /// @param destination Number of the destination.
    /// @param tokenId Token, here.
    /// @param amount Sum of the moves.
    /// @param indices Positions of the moves among the batch's withdrawals.
    event MovesExecuted(
        uint64 indexed number,
        uint32 indexed destination,
        uint32 indexed tokenId,
        uint256 amount,
        uint32[] indices
    );
    /// @notice A group of deposits (kind 4) entered the queue: operation `firstId` + i is `deposits[i]`.
    /// @param firstId Id of the group's first operation.
    /// @param payer Who paid it: the rollup that was left, for moves.
    /// @param tokenId Token, here.
    /// @param deposits Of the operations, in order.
    /// @param earliestDeadline Unix seconds: the group is due D from now, or later behind others that are pending.
    /// @param fee Wei for each operation, for the producer that executes it.
    event DepositsImported(
        uint64 indexed firstId,
        address indexed payer,
        uint32 indexed tokenId,
        MoveDeposit[] deposits,
        uint40 earliestDeadline,
        uint256 fee
    );

    /// @notice Appends a contract to the list of destinations, whose numbers the records of kind 7 name. Anyone may; nothing
    /// is removed or changed. A signature covers the number only, so wallets use one that no reorg of L1 can change.
    function registerDestination(address destination) external returns (uint32 number);

    /// @notice Pays moves of one token to their destination and has them imported there. Anyone may; `msg.value` pays the
    /// priority fees there. Whatever fails undoes all of it.
    /// @param header Header of the final batch that they are part of.
    /// @param destination Number of the destination.
    /// @param moves All or none of them.
    function executeMoves(StoredHeader calldata header, uint32 destination, MoveProof[] calldata moves)
        external
        payable;

    /// @notice Pays moves to their owners, like withdrawals: for moves that nobody executes or that the destination refuses.
    /// Caller: the owner of all of them at once, anyone from `header.time + moveClaimDelay` on.
    function claimMoves(StoredHeader calldata header, uint32 destination, MoveProof[] calldata moves) external;

    /// @notice The same for the owner itself, who names another receiver. Caller: the owner of all of them.
    function claimMovesTo(
        StoredHeader calldata header,
        uint32 destination,
        MoveProof[] calldata moves,
        address receiver
    ) external;

    /// @notice Requests deposits of one token, at the caller's cost: the sum, and a priority fee for each. Anyone may.
    /// `msg.value` is n priority fees, plus the sum for ETH. They are one group of the queue.
    /// @param token Address of a registered token, 0 for ETH: ids differ between rollups.
    /// @param deposits 1 to `maxImport` of them, each one that `deposit` would take.
    /// @return firstId Position of the first in the queue; the others follow.
    function importMoves(address token, MoveDeposit[] calldata deposits) external payable returns (uint64 firstId);

    /// @notice Address of a destination; 0 for a number that was not given.
    function destinationOf(uint32 number) external view returns (address);
    /// @notice Number of destinations.
    function destinationCount() external view returns (uint32);
    /// @notice Seconds from a batch's time on that only its owner may claim a move: 7 days after it is final at the latest.
    function moveClaimDelay() external view returns (uint256);
    /// @notice Most deposits of one import.
    function maxImport() external view returns (uint256);
}
