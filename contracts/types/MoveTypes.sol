// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @notice A move (record of kind 7) with the proof that it is part of a batch.
/// @param index Position among the batch's withdrawals, < withdrawalCount.
/// @param keyY y of the owner's key at the destination (word w0 of the record).
/// @param ownerAndToken owner + 2^160·tokenId, an id of the rollup that is left (word w1).
/// @param amount Base units (word w2).
/// @param siblings Siblings from the leaf upwards, exactly ⌈log2(withdrawalCount)⌉ of them. `executeMoves` takes those below
/// the level where the path meets that of the move before it, too.
struct MoveProof {
    uint32 index;
    uint256 keyY;
    uint256 ownerAndToken;
    uint256 amount;
    bytes32[] siblings;
}

/// @notice One deposit of `importMoves`.
/// @param keyY y of the BabyJubJub key, < r.
/// @param owner L1 address that withdrawals go to.
/// @param amount Base units, > 0.
struct MoveDeposit {
    uint256 keyY;
    address owner;
    uint128 amount;
}

/// @notice An operation of the queue, as it was requested.
/// @param record With 0 in the fields that the producer fills.
/// @param w0 First word.
/// @param w1 Second word: owner + 2^160·tokenId.
/// @param w2 Third word; 0 for an exit request.
struct PriorityOperation {
    uint256 record;
    uint256 w0;
    uint256 w1;
    uint256 w2;
}
