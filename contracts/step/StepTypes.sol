// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {Leaf} from "../types/RollupTypes.sol";

/// @notice What became of a record: valid, or the first rule that it breaks, in the order in which the rules are checked.
/// docs/protocol.md, Rules. The codes of the twin begin at 1 here.
/// Twin: packages/protocol/errors/record-codes.ts RECORD_ERROR_CODES.
enum StepResult {
    Valid,
    ReservedKind,
    NonzeroField,
    WordCount,
    IndexRange,
    WordRange,
    SenderEmpty,
    SelfTransfer,
    ReceiverEmpty,
    ReceiverExists,
    TokenMismatch,
    NotFeeToken,
    Expired,
    NonceExhausted,
    BadSignature,
    InsufficientBalance,
    WithdrawalMismatch,
    DepositMismatch,
    ExitMismatch,
    BalanceOverflow
}

/// @notice What a record changes.
/// @param stateRoot Root of the state tree, < r.
/// @param fees Fee sums of the four fee tokens.
/// @param visibleCount Visible records of the chunk so far: the next one's words are those of the entry with this number.
struct StepState {
    uint256 stateRoot;
    uint256[4] fees;
    uint256 visibleCount;
}

/// @notice What is the same for all records of a chunk. The caller has checked it.
/// @param domain Of the signed message, < r.
/// @param batchTime Unix seconds.
/// @param feeTokens Strictly ascending, 2^32 as the filler.
struct StepContext {
    uint256 domain;
    uint40 batchTime;
    uint256[4] feeTokens;
}

/// @notice A record as an asserted batch carries it.
/// @param record 124 bits.
/// @param words Three for kinds 2 to 5 and 7, none otherwise, nor where the visible list has no such record.
/// @param authorization 69 bytes for kinds 1 to 3 and 7 (StepSignature); not read for other kinds. Empty means that nobody
/// signed.
struct StepRecord {
    uint256 record;
    uint256[] words;
    bytes authorization;
}

/// @notice A leaf of the state before the record. Untrusted.
/// @param exists False for an empty leaf; `leaf` is not read then.
/// @param leaf Content.
/// @param siblings Three a level, in the order of the children, from the leaf's level upwards.
struct LeafWitness {
    bool exists;
    Leaf leaf;
    uint256[3][12] siblings;
}

/// @notice What the verifier does not know but can check. Untrusted; parts that a record does not need are not read.
/// Twin: packages/protocol/step/witness.ts StepWitness.
/// @param from The leaf at `from`.
/// @param to The leaf at `to`.
/// @param keyX Either x of the sender's key; anything where its y has none.
/// @param r8X Either x of the signature's R8; anything where its y has none.
struct StepWitness {
    LeafWitness from;
    LeafWitness to;
    uint256 keyX;
    uint256 r8X;
}

/// @notice The one outcome of a record.
/// @param result Valid, or the broken rule.
/// @param state The state after a valid record; zeros for an invalid one, which has none.
struct StepOutcome {
    StepResult result;
    StepState state;
}
