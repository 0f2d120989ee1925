/**
 * An executed chunk as bytes: what a prover needs. Field elements are 32 little-endian bytes below r.
 *
 * First the 64 shard roots before the chunk (2,048 bytes), then for each slot:
 *
 * | offset | bytes | content |
 * | ---: | ---: | --- |
 * | 0 | 256 | the operation (`operation.ts`) |
 * | 256 | 32 | commitment before it |
 * | 288 | 128 | the four fee sums before it |
 * | 416 | 192 | leaf of `from` before: 1 if it is empty, keyY, owner, tokenId, nonce, balance |
 * | 608 | 1152 | its path before: 9 levels of four children, the shard's root first |
 * | 1760 | 192 | leaf of `to`, in the state after the sender's change |
 * | 1952 | 1152 | its path then |
 * | 3104 | 32 | root of the shard of `from` after the sender's change |
 * | 3136 | 32 | root of the shard of `to` after the receiver's change |
 *
 * The shard of an index is its highest six bits of 24. Where a side changes nothing, its root is that before.
 */

import type { ChunkContext } from '../types.ts';

/** Bytes before the first slot. Twin: native/core/src/engine/trace.rs SHARDS_BYTES. */
export const SHARDS_BYTES = 64 * 32;
/** Bytes of a slot. Twin: native/core/src/engine/trace.rs SLOT_TRACE_BYTES. */
export const SLOT_TRACE_BYTES = 3_168;

/** Places in the bytes of a slot. */
export const SLOT_PLACES = {
  operation: 0,
  commitment: 256,
  fees: 288,
  fromLeaf: 416,
  fromPath: 608,
  toLeaf: 1_760,
  toPath: 1_952,
  fromRoot: 3_104,
  toRoot: 3_136,
} as const;

/** An executed chunk: `ChunkTrace` in bytes. */
export interface PackedTrace {
  readonly context: ChunkContext;
  readonly oldRoot: bigint;
  readonly newRoot: bigint;
  /** c after the last slot. */
  readonly commitment: bigint;
  /** SHARDS_BYTES, then SLOT_TRACE_BYTES a slot. */
  readonly bytes: Uint8Array;
}
