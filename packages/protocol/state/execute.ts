/** Executes a chunk and keeps what the prover needs. */

import { RollupError } from '../errors/index.ts';
import { requireBits, requireFieldElement } from '../integers.ts';
import { FEE_TOKEN_COUNT, FEE_TOKEN_FILLER, TIME_BITS } from '../params.ts';
import { encodeRecord } from '../records/codec.ts';
import type { AccountChange, ChunkContext, ChunkTrace, Effects, Operation, SlotTrace } from '../types.ts';
import { applyOperation, type Crypto } from './apply.ts';
import type { RollupState } from './state.ts';

/** A record that does nothing: it fills a chunk. */
export const NOOP: Operation = { fields: { kind: 0, from: 0, to: 0, amountFloat: 0n, feeFloat: 0 }, words: [] };

/** An executed chunk with the effects of each slot. */
export interface ExecutedChunk {
  readonly trace: ChunkTrace;
  readonly effects: readonly Effects[];
}

/** @throws RollupError FEE_TOKEN_ORDER unless there are four fee tokens, strictly ascending, fillers last. */
export function requireFeeTokens(feeTokens: readonly bigint[]): readonly bigint[] {
  const ordered = feeTokens.every((token, position) => {
    const previous = position === 0 ? -1n : feeTokens[position - 1]!;
    return token >= 0n && (token === FEE_TOKEN_FILLER || (token < FEE_TOKEN_FILLER && token > previous));
  });
  if (feeTokens.length !== FEE_TOKEN_COUNT || !ordered) {
    throw new RollupError(
      'FEE_TOKEN_ORDER',
      `fee tokens are four, strictly ascending, 2^32 as the filler; got ${feeTokens}`,
      {
        actual: feeTokens.join(','),
      },
    );
  }
  return feeTokens;
}

/** @throws RollupError FEE_TOKEN_ORDER or OUT_OF_RANGE when no chunk can have this context. */
function requireContext({ domain, batchTime, feeTokens }: ChunkContext): void {
  requireFieldElement('domain', domain);
  requireBits('batchTime', batchTime, TIME_BITS);
  requireFeeTokens(feeTokens);
}

/**
 * c ← Poseidon(c, record, w0, w1, w2); an absent word counts as 0.
 * Twin: native/core/src/engine/commitments.rs commitments.
 */
export function nextCommitment(
  crypto: Pick<Crypto, 'hasher'>,
  commitment: bigint,
  { fields, words }: Operation,
): bigint {
  return crypto.hasher.hash([commitment, encodeRecord(fields), words[0] ?? 0n, words[1] ?? 0n, words[2] ?? 0n]);
}

/**
 * Executes the operations of one chunk in order and changes `state`. When one is invalid, or fees are left
 * uncollected, the state is as before.
 *
 * @throws RollupError with the code of the broken rule and the slot; FEES_NOT_COLLECTED; FEE_TOKEN_ORDER; OUT_OF_RANGE.
 */
export function executeChunk(
  crypto: Crypto,
  state: RollupState,
  operations: readonly Operation[],
  context: ChunkContext,
): ExecutedChunk {
  const steps = executeChunkInSteps(crypto, state, operations, context);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/**
 * Like `executeChunk`, slot by slot: the caller decides when the next one runs, so that a service can answer others in
 * between. Until the end `state` is that after the last slot that ran, and nobody else may change it.
 */
export function* executeChunkInSteps(
  crypto: Crypto,
  state: RollupState,
  operations: readonly Operation[],
  context: ChunkContext,
): Generator<void, ExecutedChunk, void> {
  requireContext(context);
  const oldRoot = state.root;
  const slots: SlotTrace[] = [];
  const effects: Effects[] = [];
  const done: AccountChange[] = [];
  let fees: readonly bigint[] = Array.from({ length: FEE_TOKEN_COUNT }, () => 0n);
  let commitment = 0n;
  try {
    for (const [slot, operation] of operations.entries()) {
      const shards = state.shards();
      const outcome = applyOperation(crypto, state, operation, context, fees);
      if (!outcome.valid) {
        const { code, message, expected, actual } = outcome.invalid;
        throw new RollupError(code, `slot ${slot}: ${message}`, { slot, expected, actual });
      }
      const perform = (role: AccountChange['role']) => {
        for (const change of outcome.effects.changes.filter((candidate) => candidate.role === role)) {
          state.write(change);
          done.push(change);
        }
      };
      // The order of the circuit: the receiver's leaf is read after the sender's has been written.
      const from = state.access(operation.fields.from);
      perform('sender');
      const to = state.access(operation.fields.to);
      perform('receiver');
      slots.push({ operation, from, to, shards, commitment, fees });
      effects.push(outcome.effects);
      commitment = nextCommitment(crypto, commitment, operation);
      fees = outcome.effects.fees;
      yield;
    }
    if (fees.some((sum) => sum !== 0n)) {
      throw new RollupError('FEES_NOT_COLLECTED', `fee sums at the end of the chunk are ${fees}, expected 0`, {
        actual: fees.join(','),
      });
    }
  } catch (error) {
    state.undo(done);
    throw error;
  }
  const trace = { context, slots, oldRoot, newRoot: state.root, finalShards: state.shards(), commitment };
  return { trace, effects };
}
