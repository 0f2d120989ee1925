/** Chunks of the accounts of lies: right ones, and ones with a lie in them. */

import type { ChunkScript } from './claimed-chunk.ts';
import { HOLDERS, LIE_FEE_TOKENS } from './lie-scene.ts';
import { lieNamed } from './lies.ts';
import { collectOf, type SlotScript, transferOf } from './slot-scripts.ts';

const { alice, bob } = HOLDERS;

/** A chunk in which token 0 pays fees. */
export const chunkOf = (...slots: readonly SlotScript[]): ChunkScript => ({ slots, feeTokens: LIE_FEE_TOKENS });

/** A chunk whose authorizations are published with this change. */
export const withAuthorizations = (chunk: ChunkScript, change: (bytes: Uint8Array) => Uint8Array): ChunkScript => ({
  ...chunk,
  authorizations: change,
});

/** A right chunk. */
export const HONEST = chunkOf(transferOf(alice, bob.index, 5n, { fee: 1n }), collectOf(bob.index));

/** A chunk with a right record and then this lie. */
export const lyingChunk = (name: string): ChunkScript =>
  chunkOf(transferOf(bob, alice.index, 5n), lieNamed(name).script);

/** Money from nowhere: no proof could ever make it good. */
export const THEFT = lyingChunk('money from nowhere in a noop');
/** Money moved by somebody else's signature: the owner's own could make it good. */
export const FORGERY = lyingChunk('a signature by another key');
