/**
 * Every number of the protocol, once. Circuits and contracts take them from here or a test compares them
 * (`test/protocol/params.test.ts`). Source: docs/protocol.md.
 */

/** Order of the BN254 scalar field: everything hashed or proven is below it. */
export const FIELD_MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/**
 * q, order of BLS12-381's scalar field: the elements of a blob are below it.
 * Source: EIP-4844, BLS_MODULUS.
 * Twin: circuits/lib/limbs.circom BLOB_MODULUS.
 */
export const BLOB_FIELD_MODULUS = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

/**
 * Order l of BabyJubJub's prime subgroup; the whole curve has 8·l points.
 * Twin: contracts/step/BabyJubJub.sol SUBGROUP_ORDER.
 * Twin: native/core/src/babyjubjub/curve.rs SUBGROUP_ORDER.
 */
export const SUBGROUP_ORDER = 2736030358979909402780800718157159386076813972158567259200215660948447373041n;

/** Children of a tree node. */
export const TREE_ARITY = 4;
/** Levels between the root and the leaves; every path has this length. */
export const TREE_DEPTH = 12;
/** Leaves of the tree: 4^12 = 2^24. */
export const TREE_CAPACITY = TREE_ARITY ** TREE_DEPTH;
/** Levels between the root and the shards. */
export const SHARD_DEPTH = 3;
/** Nodes three levels below the root: 4^3. */
export const SHARD_COUNT = TREE_ARITY ** SHARD_DEPTH;
/** Levels between a shard's root and its leaves. */
export const SHARD_LEVELS = TREE_DEPTH - SHARD_DEPTH;

/** Widths in bits. */
export const KIND_BITS = 4;
export const INDEX_BITS = 32;
export const OWNER_BITS = 160;
export const TOKEN_ID_BITS = 32;
export const NONCE_BITS = 32;
export const BALANCE_BITS = 128;
/** Unix seconds: validUntil and batch time. */
export const TIME_BITS = 40;
/** A fee token of a chunk: a token id or the filler. */
export const FEE_TOKEN_BITS = 33;

export const AMOUNT_MANTISSA_BITS = 35;
export const AMOUNT_EXPONENT_BITS = 5;
export const AMOUNT_BITS = AMOUNT_MANTISSA_BITS + AMOUNT_EXPONENT_BITS;
export const FEE_MANTISSA_BITS = 11;
export const FEE_EXPONENT_BITS = 5;
export const FEE_BITS = FEE_MANTISSA_BITS + FEE_EXPONENT_BITS;

/** 4 + 32 + 32 + 40 + 16. */
export const RECORD_BITS = KIND_BITS + 2 * INDEX_BITS + AMOUNT_BITS + FEE_BITS;
/** Two records fill a block of 31 bytes. */
export const RECORDS_PER_BLOCK = 2;
export const BLOCK_BYTES = (RECORDS_PER_BLOCK * RECORD_BITS) / 8;
export const WORD_BYTES = 32;
/** Words of a record that has words (kinds 2 to 5 and 7). */
export const WORDS_PER_RECORD = 3;
/** A record in whole bytes, as visible entries and evaluation blobs have it: its upper 4 bits are 0. */
export const RECORD_BYTES = 16;
/** An entry of a visible list: the record and its words. */
export const VISIBLE_ENTRY_BYTES = RECORD_BYTES + WORDS_PER_RECORD * WORD_BYTES;
/** validUntil, R8.y and S (docs/protocol.md, Step). */
export const AUTHORIZATION_BYTES = TIME_BITS / 8 + 2 * WORD_BYTES;

/** Elements of a blob (EIP-4844, FIELD_ELEMENTS_PER_BLOB). */
export const BLOB_ELEMENTS = 4_096;
/** Bytes of a blob: elements are 32 bytes, big-endian (EIP-4844, BYTES_PER_FIELD_ELEMENT). */
export const BLOB_BYTES = BLOB_ELEMENTS * WORD_BYTES;
/** Whole bytes that fit every element, whatever they are: 2^248 < q. A block of two records has as many. */
export const BLOB_ELEMENT_BYTES = WORD_BYTES - 1;
/** Elements of a record in an evaluation blob: 16 + 69 bytes of 93, the rest 0. */
export const ELEMENTS_PER_RECORD = 3;
/** Records of an evaluation blob; its last element is left over. */
export const RECORDS_PER_BLOB = Math.floor(BLOB_ELEMENTS / ELEMENTS_PER_RECORD);
/** Most blobs of a batch. */
export const MAX_BLOBS = 6;

export const MAX_NONCE = 2n ** BigInt(NONCE_BITS) - 1n;

/** Fee tokens of a chunk. */
export const FEE_TOKEN_COUNT = 4;
/** Stands for "no fee token": no token id reaches it. */
export const FEE_TOKEN_FILLER = 2n ** BigInt(TOKEN_ID_BITS);

/** Width of the challenge z; Schwartz–Zippel over 4,096 coefficients leaves 2^−116 an attempt. */
export const CHALLENGE_BITS = 128;
/** Widths of the limbs of an integer modulo q in the circuit, least significant first: 255 bits. */
export const LIMB_BITS = [87, 87, 81] as const;
/** Bits of y_k in the public input yLow; yHigh has the other 127. */
export const Y_LOW_BITS = 128;
/** Blocks whose records the circuit sums before it reduces modulo q. */
export const BLOCKS_PER_GROUP = 16;

/** keccak256 of this text tags the challenge of a batch. */
export const CHALLENGE_TAG_TEXT = 'rollup.challenge.v2';

/** Id of ETH; ERC-20 tokens count from 1. */
export const ETH_TOKEN_ID = 0;

/** Shape of a chunk and a batch: how many slots a proof has and how many proofs a batch at most. */
export interface Profile {
  readonly name: ProfileName;
  /** M: slots of a chunk, even. */
  readonly slotsPerChunk: number;
  /** K: chunks of a batch, at most. */
  readonly maxChunks: number;
}

export type ProfileName = 'quick' | 'standard' | 'single';

/**
 * `standard`: each chunk in a domain of 2^21. `single`: 1,000 transfers and the fee slots in one proof over 2^24. The
 * blocks of a batch are the coefficients of one blob: K·M/2 ≤ 4,096.
 */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  quick: { name: 'quick', slotsPerChunk: 16, maxChunks: 2 },
  standard: { name: 'standard', slotsPerChunk: 124, maxChunks: 64 },
  single: { name: 'single', slotsPerChunk: 1_004, maxChunks: 8 },
};

/** Most constraints a slot may have (docs/protocol.md, Sizes). */
export const MAX_SLOT_CONSTRAINTS = 16_650;

/** Constraints of a chunk's fixed part: two root tiles, the context and the weights tile, the fixed ends. */
export const CHUNK_OVERHEAD_CONSTRAINTS = 21_253;

/** Constraints of a fold tile: a chunk has one for each group of blocks. */
export const FOLD_CONSTRAINTS = 981;

/** Groups of a chunk of M slots: the first may have fewer than BLOCKS_PER_GROUP blocks. */
export function groupCountOf(slotsPerChunk: number): number {
  return Math.ceil(slotsPerChunk / RECORDS_PER_BLOCK / BLOCKS_PER_GROUP);
}

/** Constraints of a chunk beside its slots (docs/protocol.md, Sizes). */
export function chunkOverheadOf(slotsPerChunk: number): number {
  return CHUNK_OVERHEAD_CONSTRAINTS + groupCountOf(slotsPerChunk) * FOLD_CONSTRAINTS;
}

/** Clocks of L1 in seconds. Devnet defaults; a deployment chooses (docs/how-to/deploy.md). */
export const L1_DEFAULTS = {
  /** A batch is refused when it is older than this when it reaches L1. */
  maxBatchAgeSeconds: 86_400,
  /** D: a priority operation is due this long after its request, at the earliest. */
  priorityDelaySeconds: 3 * 86_400,
  /** Δ: least time between the deadlines of two pending priority operations. */
  priorityIntervalSeconds: 2,
  /** After this long without executing an overdue operation, anyone may produce. */
  livenessTimeoutSeconds: 86_400,
  /** After this long without executing an overdue operation, the exodus may be opened. */
  exodusDelaySeconds: 7 * 86_400,
  /** Paid to the producer for each priority operation, in wei. */
  priorityFeeWei: 10n ** 14n,
  /** Highest priority fee the owner can set, in wei. */
  maxPriorityFeeWei: 10n ** 16n,
} as const;

/**
 * Chains on which nothing has value: Hardhat and anvil, and geth --dev.
 * Twin: contracts/libraries/LocalChains.sol LocalChains.
 */
export const LOCAL_CHAIN_IDS: readonly bigint[] = [31_337n, 1_337n];

/** Seconds between two blocks of L1. */
const L1_BLOCK_SECONDS = 12;

/**
 * Blocks that each transaction of a dispute is granted at least: 1 to see what it answers, and 34 until it is in a block,
 * which is how long nine sendings of 45 s each take, every one for more.
 */
const BLOCKS_PER_DISPUTE_TRANSACTION = 35;

/**
 * Seconds that challenge period, answer window and step window may last together on a rollup with blobs: L1 keeps a blob for 18
 * days, and disputes about it must be over before.
 */
export const MAX_WAIT_WITH_BLOBS_SECONDS = 14 * 86_400;

/**
 * Least windows of optimistic mode on chains with value, in seconds. A dispute and an answer are one transaction; a step
 * proof is two, the commitment and, in a later block, the proof.
 */
export const MIN_WINDOWS = {
  challengePeriodSeconds: BLOCKS_PER_DISPUTE_TRANSACTION * L1_BLOCK_SECONDS,
  answerWindowSeconds: BLOCKS_PER_DISPUTE_TRANSACTION * L1_BLOCK_SECONDS,
  stepWindowSeconds: 2 * BLOCKS_PER_DISPUTE_TRANSACTION * L1_BLOCK_SECONDS,
} as const;

/** Times and bonds of optimistic mode. Devnet defaults; a deployment chooses (docs/how-to/deploy.md). */
export const OPTIMISTIC_DEFAULTS = {
  /** C: disputes can be opened this long after an assertion. */
  challengePeriodSeconds: 3_600,
  /** A: the asserter answers within this time after a chunk's first dispute. */
  answerWindowSeconds: 1_800,
  /** S: a step is proven within this time after the answer, or the dispute is lost. */
  stepWindowSeconds: 1_800,
  /** B, in wei: twice the gas of a dispute, a commitment and a step proof (2.90 M) at 50 gwei, rounded up. */
  assertionBondWei: 3n * 10n ** 17n,
  /**
   * D, in wei: twice the gas of an answer of the standard profile and of settling (232,000) at 50 gwei, rounded up. Chunks of
   * 1,004 slots need 0.14 ETH.
   */
  disputeBondWei: 25n * 10n ** 15n,
  /** Most batches with a bond that wait. */
  maxPending: 64,
} as const;

/** Most bytes of data, authorizations and visible entries of a chunk asserted by calldata, so that a transaction can dispute it. */
export const MAX_CHUNK_DATA_BYTES = 32_768;

/** The same for all chunks of such a batch. */
export const MAX_BATCH_DATA_BYTES = 120_000;

/** Most bytes of the transactions that L1's pools take. Source: geth, core/txpool/legacypool, txMaxSize. */
export const MAX_TRANSACTION_BYTES = 131_072;

/** Most deposits of one import, and most overdue operations that a batch owes (docs/protocol.md, Moves, Batch and header). */
export const MAX_IMPORT = 128;

/** Leaves kept free of requested deposits, so that the tree never fills by surprise. */
export const DEPOSIT_RESERVE_LEAVES = 2 ** 20;

/** A batch is sealed this long after its first transfer at the latest. */
export const DEFAULT_SEAL_AFTER_MS = 30_000;

/** Most bytes of a payment reference: an IBAN reference, an order number or a sentence; not a document. */
export const MAX_REFERENCE_BYTES = 140;
