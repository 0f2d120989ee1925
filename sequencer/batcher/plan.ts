/**
 * Decides what a batch executes: order, chunks, and which fees are collected. No rule is applied: whether a record is valid is
 * for the engine to say, and a batch is planned anew without those that are not.
 */

import {
  FEE_TOKEN_FILLER,
  float16,
  invariantBroken,
  NOOP,
  type Operation,
  type Profile,
  RecordKind,
  RollupError,
  type StateView,
  unpackOwnerAndToken,
} from '@quittance/protocol';
import { type DataLimits, loadOf } from '../mempool/data-limits.ts';
import type { OpenEntry } from '../mempool/open-entry.ts';
import { place, START } from '../mempool/packing.ts';
import { collectInto } from './collect.ts';

/** An operation with its log entry; collectFee and noop have none. */
export interface PlannedOperation {
  readonly operation: Operation;
  readonly source?: OpenEntry;
}

/** 0 to K chunks of exactly M operations. */
export type PlannedChunks = readonly (readonly PlannedOperation[])[];

export interface PlanInput {
  readonly profile: Profile;
  readonly limits: DataLimits;
  /** Sealed state before the batch. */
  readonly view: StateView;
  /** Priority operations in queue order, then transfers in the order of the log. */
  readonly operations: readonly PlannedOperation[];
  /** The four of the chunks. */
  readonly feeTokens: readonly bigint[];
  /** The operator's account in a fee token, if it has one. */
  readonly feeAccount: (tokenId: number) => number | undefined;
}

/** Pays the fees of a chunk in `token` to the operator. @throws RollupError NO_FEE_ACCOUNT. */
function collectFee(token: bigint, feeAccount: PlanInput['feeAccount']): Operation {
  const to = token === FEE_TOKEN_FILLER ? undefined : feeAccount(Number(token));
  if (to === undefined) {
    throw new RollupError('NO_FEE_ACCOUNT', `the operator has no account for the fees in token ${token}`, {
      tokenId: Number(token),
    });
  }
  return collectInto(to);
}

/** What was cut into a batch fits it (mempool/packing.ts). */
function requireRoom(actual: number, expected: number): void {
  if (actual <= expected) return;
  throw invariantBroken(`a batch needs ${actual} chunks, at most ${expected} are allowed`, { expected, actual });
}

/**
 * The token in which each operation pays a fee, if it does: that of its sender, also of one that the batch creates. A sender
 * that is not there pays nothing, and the engine refuses it.
 */
export function createFeeTokenOf({
  view,
  feeTokens,
}: Pick<PlanInput, 'view' | 'feeTokens'>): (operation: Operation) => number | undefined {
  const created = new Map<number, number>();
  const tokenAt = (leaf: number): number | undefined => view.get(leaf)?.tokenId ?? created.get(leaf);
  return ({ fields, words }) => {
    const { kind, from, to, feeFloat } = fields;
    if (kind === RecordKind.deposit) {
      if (!created.has(to)) created.set(to, unpackOwnerAndToken(words[1]!).tokenId);
      return undefined;
    }
    const pays = float16.decode(BigInt(feeFloat)) !== 0n;
    if (!pays && kind !== RecordKind.transferToNew) return undefined;
    const token = tokenAt(from);
    if (kind === RecordKind.transferToNew && token !== undefined) created.set(to, token);
    return pays && token !== undefined && feeTokens.includes(BigInt(token)) ? token : undefined;
  };
}

/**
 * Plans a batch with `operations`, one of them a step.
 *
 * @throws RollupError INVARIANT_BROKEN when they are more than were cut; NO_FEE_ACCOUNT.
 */
export function* planBatch(input: PlanInput): Generator<void, PlannedChunks, void> {
  const { profile, limits, operations, feeTokens, feeAccount } = input;
  const feeTokenOf = createFeeTokenOf(input);
  const chunks: PlannedOperation[][] = [];
  let chunk: PlannedOperation[] = [];
  let position = START;

  const close = (): void => {
    for (const token of feeTokens) {
      if (position.tokens.has(Number(token))) chunk.push({ operation: collectFee(token, feeAccount) });
    }
    while (chunk.length < profile.slotsPerChunk) chunk.push({ operation: NOOP });
    chunks.push(chunk);
    chunk = [];
  };

  for (const planned of operations) {
    const token = feeTokenOf(planned.operation);
    const next = place(profile, limits, position, { token, load: loadOf(planned.operation.fields) });
    if (next.batch.chunks > position.batch.chunks) close();
    chunk.push(planned);
    position = next;
    yield;
  }
  if (chunk.length > 0) close();
  requireRoom(chunks.length, profile.maxChunks);
  return chunks;
}
