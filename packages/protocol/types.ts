/** Shapes that all layers share. Integers from outside are checked before they take these shapes. */

import type { RecordErrorCode } from './errors/index.ts';

/** The content of a non-empty leaf (docs/protocol.md, State). */
export interface Account {
  /** y of the BabyJubJub key, < r. */
  readonly keyY: bigint;
  /** L1 address as a number, 160 bits. */
  readonly owner: bigint;
  /** 32 bits. */
  readonly tokenId: number;
  /** Nonce of the next signed record, 32 bits. */
  readonly nonce: number;
  /** Base units, 128 bits. */
  readonly balance: bigint;
}

export const RecordKind = {
  noop: 0,
  transfer: 1,
  transferToNew: 2,
  withdraw: 3,
  deposit: 4,
  forcedExit: 5,
  collectFee: 6,
  move: 7,
} as const;
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];
export type RecordKindName = keyof typeof RecordKind;

/** The 124 bits of a record, as encoded: amount and fee are float encodings, not values. */
export interface RecordFields {
  /** 4 bits; 8 to 15 are reserved. */
  readonly kind: number;
  /** 32 bits. */
  readonly from: number;
  /** 32 bits. */
  readonly to: number;
  /** float40 encoding, 40 bits. */
  readonly amountFloat: bigint;
  /** float16 encoding, 16 bits. */
  readonly feeFloat: number;
}

/** Words of a record: three for kinds 2 to 5 and 7, none otherwise. */
export type RecordWords = readonly bigint[];

export interface CurvePoint {
  readonly x: bigint;
  readonly y: bigint;
}

/** EdDSA-Poseidon signature of a record with what is needed to check it. */
export interface Authorization {
  /** Unix seconds, 40 bits, 0 = never expires. */
  readonly validUntil: number;
  /** x of the signer's key (its y is in the leaf). */
  readonly keyX: bigint;
  readonly r8: CurvePoint;
  readonly s: bigint;
}

/** One record with all that its execution needs. `authorization` is there for kinds 1 to 3 and 7 only. */
export interface Operation {
  readonly fields: RecordFields;
  readonly words: RecordWords;
  readonly authorization?: Authorization;
}

/** What is the same for all slots of a chunk. */
export interface ChunkContext {
  readonly domain: bigint;
  /** Unix seconds. */
  readonly batchTime: number;
  /** Four, strictly ascending, FEE_TOKEN_FILLER as the filler. */
  readonly feeTokens: readonly bigint[];
}

/** A leaf before and after a record; undefined is an empty leaf. */
export interface AccountChange {
  /** Which access of the slot makes it. */
  readonly role: 'sender' | 'receiver';
  readonly index: number;
  readonly before: Account | undefined;
  readonly after: Account | undefined;
}

/** Where a move takes money. */
export interface MoveTarget {
  /** Number of a contract in the list of destinations on L1. */
  readonly destination: number;
  /** y of the key that the money is for there, < r. */
  readonly keyY: bigint;
}

/** Money that a record releases to L1. */
export interface Withdrawal {
  /** owner + 2^160·tokenId. */
  readonly ownerAndToken: bigint;
  readonly amount: bigint;
  /** Kind 7 only. */
  readonly move?: MoveTarget;
}

/** What a valid record does. Changes are listed in the order in which the circuit makes them: sender, receiver. */
export interface Effects {
  readonly changes: readonly AccountChange[];
  /** The four fee sums after the record. */
  readonly fees: readonly bigint[];
  /** Kinds 3, 5 and 7 with an amount. */
  readonly withdrawal?: Withdrawal;
  /** Kinds 1 to 3 and 7: the hash that was signed, which is the transaction's id. */
  readonly transactionId?: bigint;
}

/** Why a record is invalid: the first rule that it breaks. */
export interface Invalid {
  readonly code: RecordErrorCode;
  readonly message: string;
  readonly expected?: string;
  readonly actual?: string;
}

export type Outcome =
  | { readonly valid: true; readonly effects: Effects }
  | { readonly valid: false; readonly invalid: Invalid };

/** One Merkle access of a slot: the nine levels below the shard root. */
export interface LeafAccess {
  readonly index: number;
  /** The leaf before; undefined is an empty leaf. */
  readonly account: Account | undefined;
  /**
   * The four children of each node on the path before the access, from the shard's root (level 0)
   * down to the parent of the leaf (level 8).
   */
  readonly children: readonly (readonly bigint[])[];
}

/** The state that flows from slot to slot. */
export interface SlotState {
  /** 64 nodes. */
  readonly shards: readonly bigint[];
  readonly commitment: bigint;
  readonly sumV: bigint;
  /** Limbs of Σ record·weight over the even slots of the group so far (docs/protocol.md, Slot interface and tiling). */
  readonly even: readonly bigint[];
  /** The same over its odd slots. */
  readonly odd: readonly bigint[];
  readonly fees: readonly bigint[];
}

/** All that is needed to make the witness of one slot, except the challenge and the sums that depend on it. */
export interface SlotTrace {
  readonly operation: Operation;
  /** Access at `from`, in the state before the record. */
  readonly from: LeafAccess;
  /** Access at `to`, in the state after the sender's change. */
  readonly to: LeafAccess;
  /** 64 shard roots before the record. */
  readonly shards: readonly bigint[];
  readonly commitment: bigint;
  readonly fees: readonly bigint[];
}

/** An executed chunk: what the prover needs. */
export interface ChunkTrace {
  readonly context: ChunkContext;
  readonly slots: readonly SlotTrace[];
  readonly oldRoot: bigint;
  readonly newRoot: bigint;
  /** 64 shard roots after the last slot. */
  readonly finalShards: readonly bigint[];
  /** c after the last slot. */
  readonly commitment: bigint;
}

/** The public inputs of a chunk's proof, in the order of docs/protocol.md (`publicInputsOf` lists them). */
export interface ChunkPublicInputs {
  readonly oldRoot: bigint;
  readonly newRoot: bigint;
  readonly commitment: bigint;
  /** z, 128 bits. */
  readonly challenge: bigint;
  /** The lower 128 bits of y_k, the chunk's polynomial at z modulo q. */
  readonly yLow: bigint;
  /** The 127 bits above them. */
  readonly yHigh: bigint;
  /** Horner's sum over the visible records and their words. */
  readonly sumV: bigint;
  readonly domain: bigint;
  readonly context: bigint;
}

/**
 * A Groth16 proof in affine coordinates; b is [[c0, c1], [c0, c1]] of x and y (snarkjs's order, real part first).
 * Twin: contracts/types/RollupTypes.sol Proof.
 */
export interface Groth16Proof {
  readonly a: readonly [bigint, bigint];
  readonly b: readonly [readonly [bigint, bigint], readonly [bigint, bigint]];
  readonly c: readonly [bigint, bigint];
}

/**
 * A Groth16 verifying key, same conventions; ic has one point more than there are public inputs.
 * Twin: contracts/types/VerifyingKey.sol VerifyingKey.
 */
export interface VerifyingKey {
  readonly alpha: readonly [bigint, bigint];
  readonly beta: readonly [readonly [bigint, bigint], readonly [bigint, bigint]];
  readonly gamma: readonly [readonly [bigint, bigint], readonly [bigint, bigint]];
  readonly delta: readonly [readonly [bigint, bigint], readonly [bigint, bigint]];
  readonly ic: readonly (readonly [bigint, bigint])[];
}
