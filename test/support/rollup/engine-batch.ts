/** Batches for engines, of operations. */

import {
  type ChunkContext,
  type EngineBatch,
  type ExecuteOptions,
  type Execution,
  type ExecutionState,
  isSignedKind,
  type Operation,
  packOperations,
  transactionMessage,
  WORD_BYTES,
  writeWord,
} from '@quittance/protocol';
import { portableCrypto } from './world.ts';

/** What the tests execute with unless they say otherwise. */
export const OPTIONS: ExecuteOptions = { signatures: 'verified', onInvalid: 'stop', traces: true, commitments: true };

/** A batch of chunks that have one context. */
export function batchOf(
  { domain, batchTime, feeTokens }: ChunkContext,
  ...chunks: (readonly Operation[])[]
): EngineBatch {
  return {
    domain,
    batchTime,
    chunks: chunks.map((operations) => ({ operations: packOperations(operations), feeTokens })),
  };
}

/** 32 little-endian bytes each. */
export function idsOf(ids: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(ids.length * WORD_BYTES);
  for (const [position, id] of ids.entries()) writeWord(new DataView(bytes.buffer), position * WORD_BYTES, id);
  return bytes;
}

/** The id of a transfer between known accounts; 0 when nobody signs it. */
export function transferIdOf(state: ExecutionState, domain: bigint, { fields, authorization }: Operation): bigint {
  if (!isSignedKind(fields.kind)) return 0n;
  const receiver = state.get(fields.to)!;
  return transactionMessage(portableCrypto.hasher, {
    domain,
    fields,
    nonce: state.get(fields.from)!.nonce,
    validUntil: authorization?.validUntil ?? 0,
    receiverKeyY: receiver.keyY,
    receiverOwner: receiver.owner,
  });
}

/** Everything that can be read of a state. */
export function stateContent(state: ExecutionState) {
  return { root: state.root, shards: state.shards(), rows: state.rows(), accountCount: state.accountCount };
}

/** The refusals, as chunk, slot and code. */
export function refusedIn({ refusals }: Execution): [chunk: number, slot: number, code: string][] {
  return refusals.map(({ chunk, slot, code }) => [chunk, slot, code]);
}
