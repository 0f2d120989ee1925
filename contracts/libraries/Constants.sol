// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

// Numbers of packages/protocol/params.ts; test/contracts/constants.test.ts compares them.

/// @dev Order r of BN254's scalar field: everything hashed or proven is below it.
uint256 constant FIELD_MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

/// @dev Order q of BN254's base field: coordinates of points are below it.
uint256 constant BASE_FIELD_MODULUS = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

/// @dev Leaves of the state tree: 4^12.
uint256 constant TREE_CAPACITY = 1 << 24;

/// @dev Levels between the root and the leaves of the state tree.
uint256 constant TREE_DEPTH = 12;

/// @dev Leaves kept free of requested deposits.
uint256 constant DEPOSIT_RESERVE_LEAVES = 1 << 20;

/// @dev Root of the empty tree: Poseidon of four equal children, twelve times from 0.
uint256 constant EMPTY_STATE_ROOT = 5502479177772891194542009540012941542204094004749813714118505924674776464255;

/// @dev First word of what a challenge hashes.
bytes32 constant CHALLENGE_TAG = keccak256("rollup.challenge.v2");

/// @dev Order q of BLS12-381's scalar field: what a blob's polynomial is over.
uint256 constant BLOB_FIELD_MODULUS = 52435875175126190479447740508185965837690552500527637822603658699938581184513;

/// @dev A batch's challenge z has so many bits.
uint256 constant CHALLENGE_BITS = 128;

/// @dev Coefficients of a blob's polynomial, and its values (EIP-4844).
uint256 constant BLOB_ELEMENTS = 4096;

/// @dev Most blobs of a batch in evaluation form.
uint256 constant MAX_BATCH_BLOBS = 6;

/// @dev Records of a batch in one blob of evaluation form: three elements each.
uint256 constant RECORDS_PER_BLOB = 1365;

// Where the data of a batch stands (docs/protocol.md, Data).
uint256 constant FORM_CALLDATA = 0;
uint256 constant FORM_COEFFICIENTS = 1;
uint256 constant FORM_EVALUATIONS = 2;

/// @dev Stands for "no fee token".
uint256 constant FEE_TOKEN_FILLER = 1 << 32;

/// @dev Width of one of the four fee tokens in a chunk's context.
uint256 constant FEE_TOKEN_BITS = 33;

/// @dev Where the batch time stands in a chunk's context: behind four fee tokens.
uint256 constant CONTEXT_TIME_SHIFT = 132;

/// @dev Each token's tracked total stays below this, so that no balance overflows.
uint256 constant TOTAL_LIMIT = 1 << 128;

// Kinds of records (docs/protocol.md, Records).
uint256 constant KIND_NOOP = 0;
uint256 constant KIND_TRANSFER = 1;
uint256 constant KIND_TRANSFER_TO_NEW = 2;
uint256 constant KIND_WITHDRAW = 3;
uint256 constant KIND_DEPOSIT = 4;
uint256 constant KIND_FORCED_EXIT = 5;
uint256 constant KIND_COLLECT_FEE = 6;
uint256 constant KIND_MOVE = 7;

/// @dev Where the kind stands in a record of 124 bits.
uint256 constant KIND_SHIFT = 120;

/// @dev Where `from` stands in a record.
uint256 constant FROM_SHIFT = 88;

/// @dev Where `to` stands in a record.
uint256 constant TO_SHIFT = 56;

/// @dev Width of `from` and `to`.
uint256 constant INDEX_BITS = 32;

/// @dev A visible record: 16 bytes of record, three words of 32.
uint256 constant VISIBLE_ENTRY_BYTES = 112;

/// @dev Two records of 124 bits fill a block of 31 bytes.
uint256 constant RECORD_BITS = 124;
uint256 constant RECORDS_PER_BLOCK = 2;
uint256 constant BLOCK_BYTES = 31;

/// @dev Three words of a record with words, 32 bytes each.
uint256 constant WORDS_BYTES = 96;

/// @dev An asserted chunk has at most so many bytes of data and authorizations, or no transaction could dispute it.
uint256 constant MAX_CHUNK_DATA_BYTES = 32768;

/// @dev The same for all chunks of a batch: what a transaction can carry.
uint256 constant MAX_BATCH_DATA_BYTES = 120000;

/// @dev Least C, A and S on chains with value, in seconds. Each transaction that a step needs is granted 35 blocks of 12 s:
/// one to see what it answers, and 34 until it is in a block (nine sendings of 45 s, each for more). A dispute and an answer
/// are one transaction, a step proof is two: the commitment, and in a later block the proof.
uint256 constant MIN_CHALLENGE_PERIOD = 420;
uint256 constant MIN_ANSWER_WINDOW = 420;
uint256 constant MIN_STEP_WINDOW = 840;

/// @dev Most of C + A + S where asserted batches may have their data in blobs: 14 days, four less than nodes keep them.
uint256 constant MAX_WAIT_WITH_BLOBS = 1209600;

/// @dev Most deposits of one import: a group is executed and given back whole. A batch owes no more overdue operations.
uint256 constant MAX_IMPORT = 128;

/// @dev A move is its owner's alone to claim for this long after its batch is final, in seconds.
uint256 constant MOVE_CLAIM_DELAY = 7 days;
