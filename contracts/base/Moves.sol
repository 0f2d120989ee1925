// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {IMoves} from "../interfaces/IMoves.sol";
import {MOVE_CLAIM_DELAY} from "../libraries/Constants.sol";
import {MoveExecution} from "../libraries/MoveExecution.sol";
import {Withdrawals} from "../libraries/Withdrawals.sol";
import {MoveProof} from "../types/MoveTypes.sol";
import {StoredHeader} from "../types/RollupTypes.sol";
import {Claims} from "./Claims.sol";
import {Destinations} from "./Destinations.sol";

/// @title Moves to other rollups
/// @notice Open at any time, in the exodus too, like claims: a move goes to the destination that its owner signed, or back
/// to the owner. What was moved and what was claimed share their bits.
abstract contract Moves is Claims, Destinations {
    /// @inheritdoc IMoves
    function executeMoves(StoredHeader calldata header, uint32 destination, MoveProof[] calldata moves)
        external
        payable
        override
        nonReentrant
    {
        if (moves.length == 0) revert WrongMoveCount(type(uint256).max, 0);
        _requireFinal(header);
        address receiver = _requireDestination(destination);
        MoveExecution.execute(_claimedOf(header.number), _tokens(), header, destination, receiver, moves);
    }

    /// @inheritdoc IMoves
    function claimMoves(StoredHeader calldata header, uint32 destination, MoveProof[] calldata moves)
        external
        override
        nonReentrant
    {
        _claimMoves(header, destination, moves, OWNER);
    }

    /// @inheritdoc IMoves
    function claimMovesTo(
        StoredHeader calldata header,
        uint32 destination,
        MoveProof[] calldata moves,
        address receiver
    ) external override nonReentrant {
        _requireReceiver(receiver);
        _claimMoves(header, destination, moves, receiver);
    }

    /// @inheritdoc IMoves
    function moveClaimDelay() public view override returns (uint256) {
        // A batch is at most maxBatchAge old when it comes to L1, and waits for less than livenessTimeout (OptimisticMode).
        return MOVE_CLAIM_DELAY + maxBatchAge + livenessTimeout;
    }

    function _claimMoves(
        StoredHeader calldata header,
        uint32 destination,
        MoveProof[] calldata moves,
        address receiver
    ) private {
        _requireFinal(header);
        uint256 levels = Withdrawals.depth(header.withdrawalCount);
        BitMaps.BitMap storage claimed = _claimedOf(header.number);
        uint256 claimableAt = header.time + moveClaimDelay();
        for (uint256 i = 0; i < moves.length; ++i) {
            MoveProof calldata move = moves[i];
            if (msg.sender != address(uint160(move.ownerAndToken)) && block.timestamp < claimableAt) {
                revert MoveClaimTooEarly(uint64(claimableAt));
            }
            bytes32 leaf = MoveExecution.leafOf(destination, move);
            Withdrawals.take(claimed, header, levels, leaf, move.index, move.siblings);
            _payClaim(header.number, move.index, move.ownerAndToken, move.amount, receiver);
        }
    }
}
