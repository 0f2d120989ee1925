/**
 * How much a batch may hold so that its transaction gets into a block. Pools of L1's nodes take 131,072 bytes, a
 * transaction 16,777,216 gas (EIP-7825). A batch asserted by calldata has limits of its own besides, since a dispute carries
 * its chunks (docs/protocol.md, Assertion). All sizes are upper bounds and linear, so that they add up record by record.
 */

import { MAX_TRANSACTION_GAS } from '@quittance/chain';
import {
  AUTHORIZATION_BYTES,
  type BatchForm,
  BLOCK_BYTES,
  isSignedKind,
  isVisibleKind,
  MAX_BATCH_DATA_BYTES,
  MAX_CHUNK_DATA_BYTES,
  MAX_TRANSACTION_BYTES,
  type Profile,
  RECORDS_PER_BLOCK,
  type RecordFields,
  VISIBLE_ENTRY_BYTES,
} from '@quittance/protocol';
import type { SequencerMode } from '../config.ts';

/** Whether batches come to L1 with their proofs or with a bond. */
export type Way = 'proven' | 'asserted';

/** How a batch of this mode comes to L1 first. */
export function wayOf(mode: SequencerMode): Way {
  return mode === 'zk' ? 'proven' : 'asserted';
}

/** What counts: chunks, and records that need more than their place in a block. */
export interface Load {
  readonly chunks: number;
  readonly visible: number;
  readonly signed: number;
}

/** What a load may cost: base + Σ cost·count ≤ limit. */
export interface Budget {
  readonly base: number;
  readonly cost: Load;
  readonly limit: number;
}

/** The budgets of each chunk and of the whole batch. */
export interface DataLimits {
  readonly chunk: readonly Budget[];
  readonly batch: readonly Budget[];
}

/** What one batch may hold. */
export interface BatchRoom {
  /** With the chunks that a batch may have. */
  readonly profile: Profile;
  readonly limits: DataLimits;
}

/** Proven batches of no form in particular: their slots alone. */
export const NO_LIMITS: DataLimits = { chunk: [], batch: [] };

const WORD = 32;
/** Selector, header, heads of all parts, and the envelope with its signature and hashes of blobs. */
const BASE_BYTES = 2_048;
/** Root, commitment, fee tokens. */
const LISTED_BYTES = 3 * WORD;
/** The offset, the length and the padding of a string. */
const STRING_BYTES = 3 * WORD;
const PROOF_BYTES = 8 * WORD;

/** Bytes of the blocks of a chunk, whatever its records are. */
function blockBytesOf({ slotsPerChunk }: Profile): number {
  return (slotsPerChunk / RECORDS_PER_BLOCK) * BLOCK_BYTES;
}

/** Whether a budget takes the load. */
export function isWithin({ base, cost, limit }: Budget, { chunks, visible, signed }: Load): boolean {
  return base + cost.chunks * chunks + cost.visible * visible + cost.signed * signed <= limit;
}

/** The load of one record beside its place in a block. */
export function loadOf({ kind }: Pick<RecordFields, 'kind'>): Load {
  return { chunks: 0, visible: isVisibleKind(kind) ? 1 : 0, signed: isSignedKind(kind) ? 1 : 0 };
}

/** Both together. */
export function addLoads(one: Load, other: Load): Load {
  return {
    chunks: one.chunks + other.chunks,
    visible: one.visible + other.visible,
    signed: one.signed + other.signed,
  };
}

/** Bytes of the transaction. */
export function transactionBytes(way: Way, form: BatchForm, profile: Profile): Budget {
  const isCalldata = form === 'calldata';
  const data = isCalldata ? blockBytesOf(profile) + STRING_BYTES : 0;
  const own = way === 'proven' ? PROOF_BYTES + (isCalldata ? 0 : WORD) : isCalldata ? STRING_BYTES : 0;
  return {
    base: BASE_BYTES,
    cost: {
      chunks: LISTED_BYTES + STRING_BYTES + data + own,
      visible: VISIBLE_ENTRY_BYTES,
      signed: way === 'asserted' && isCalldata ? AUTHORIZATION_BYTES : 0,
    },
    limit: MAX_TRANSACTION_BYTES,
  };
}

/** Gas of a byte at least, whatever it is executed for. Source: EIP-7623, 10 a token, 4 tokens a byte. */
const FLOOR_GAS_PER_BYTE = 40;

/** Gas besides that of bytes, rounded up from the snapshots of test/contracts. */
const GAS = {
  base: 600_000,
  /** A proof, a polynomial at z, hashes. */
  chunk: { proven: 75_000, asserted: 30_000 },
  /** Its hashes, its place in sumV, in the queue or in the tree of withdrawals. */
  visible: 6_000,
} as const;

/** Gas of the transaction, if every byte of it costs the floor. */
function transactionGas(way: Way, form: BatchForm, profile: Profile): Budget {
  const bytes = transactionBytes(way, form, profile);
  return {
    base: GAS.base + FLOOR_GAS_PER_BYTE * bytes.base,
    cost: {
      chunks: GAS.chunk[way] + FLOOR_GAS_PER_BYTE * bytes.cost.chunks,
      visible: GAS.visible + FLOOR_GAS_PER_BYTE * bytes.cost.visible,
      signed: FLOOR_GAS_PER_BYTE * bytes.cost.signed,
    },
    limit: MAX_TRANSACTION_GAS,
  };
}

/** What L1 lets a dispute carry: data, authorizations and visible entries. */
function disputedBytes(profile: Profile, limit: number): Budget {
  return {
    base: 0,
    cost: { chunks: blockBytesOf(profile), visible: VISIBLE_ENTRY_BYTES, signed: AUTHORIZATION_BYTES },
    limit,
  };
}

/** The limits of a batch that comes to L1 this way in this form. */
export function limitsOf(way: Way, form: BatchForm, profile: Profile): DataLimits {
  const isDisputedWhole = way === 'asserted' && form === 'calldata';
  return {
    chunk: isDisputedWhole ? [disputedBytes(profile, MAX_CHUNK_DATA_BYTES)] : [],
    batch: [
      transactionBytes(way, form, profile),
      transactionGas(way, form, profile),
      ...(isDisputedWhole ? [disputedBytes(profile, MAX_BATCH_DATA_BYTES)] : []),
    ],
  };
}
