/** Decides what a batch executes: order, chunks, fee collection, and which transfers are dropped and why. Pure. */

import {
  type ChunkContext,
  FEE_TOKEN_FILLER,
  type Hasher,
  invariantBroken,
  NOOP,
  type Operation,
  type Profile,
  RecordKind,
  RollupError,
  StateOverlay,
  type StateView,
} from '@quittance/protocol';
import { applyTrusted, NO_FEES, type Refusal, sameIdAs } from '../apply.ts';
import { addLoads, type DataLimits, isWithin, type Load, loadOf } from '../mempool/data-limits.ts';
import { type OpenEntry, withExitAmount } from '../mempool/open-entry.ts';

/** An operation with its log entry; collectFee and noop have none. */
export interface PlannedOperation {
  readonly operation: Operation;
  readonly source?: OpenEntry;
}

/** A transfer that is no longer valid. */
export interface PlannedDrop {
  readonly source: OpenEntry;
  readonly refusal: Refusal;
}

/** What a batch executes. */
export interface BatchPlan {
  /** 0 to K chunks of exactly M operations; none when everything was dropped. */
  readonly chunks: readonly (readonly PlannedOperation[])[];
  readonly drops: readonly PlannedDrop[];
}

export interface PlanInput {
  readonly profile: Profile;
  readonly limits: DataLimits;
  /** Sealed state before the batch. */
  readonly view: StateView;
  readonly entries: readonly OpenEntry[];
  readonly context: ChunkContext;
  readonly hasher: Hasher;
  /** The operator's account in a fee token, if it has one. */
  readonly feeAccount: (tokenId: number) => number | undefined;
}

/** One chunk without records that need more than their place. */
const EMPTY_CHUNK: Load = { chunks: 1, visible: 0, signed: 0 };

/** Priority operations in queue order, then transfers in the order of the log. */
function inExecutionOrder(entries: readonly OpenEntry[]): OpenEntry[] {
  return [
    ...entries.filter(({ entry }) => entry.type === 'priority'),
    ...entries.filter(({ entry }) => entry.type === 'transfer'),
  ];
}

/** Pays the fees of a chunk in `token` to the operator. @throws RollupError NO_FEE_ACCOUNT. */
function collectFee(token: bigint, feeAccount: PlanInput['feeAccount']): Operation {
  const to = token === FEE_TOKEN_FILLER ? undefined : feeAccount(Number(token));
  if (to === undefined) {
    throw new RollupError('NO_FEE_ACCOUNT', `the operator has no account for the fees in token ${token}`, {
      tokenId: Number(token),
    });
  }
  return { fields: { ...NOOP.fields, kind: RecordKind.collectFee, to }, words: [] };
}

/** What was cut into a batch fits it (mempool/packing.ts). */
function requireRoom(actual: number, expected: number): void {
  if (actual <= expected) return;
  throw invariantBroken(`a batch needs ${actual} chunks, at most ${expected} are allowed`, { expected, actual });
}

/**
 * Plans a batch with `entries`.
 *
 * @throws RollupError INVARIANT_BROKEN when admission let through what cannot be executed; NO_FEE_ACCOUNT.
 */
export function planBatch(input: PlanInput): BatchPlan {
  const { profile, limits, view: sealed, entries, context, hasher, feeAccount } = input;
  const view = new StateOverlay(sealed);
  const chunks: PlannedOperation[][] = [];
  const drops: PlannedDrop[] = [];
  let chunk: PlannedOperation[] = [];
  let fees: readonly bigint[] = NO_FEES;
  let load = EMPTY_CHUNK;

  const execute = (planned: PlannedOperation): Refusal | undefined => {
    const entry = planned.source?.entry;
    const applied =
      entry?.type === 'transfer'
        ? applyTrusted(view, planned.operation, entry.nonce, context, fees, sameIdAs(hasher, entry.id))
        : applyTrusted(view, planned.operation, 0, context, fees);
    if ('refusal' in applied) return applied.refusal;
    for (const change of applied.effects.changes) view.write(change);
    fees = applied.effects.fees;
    chunk.push(planned);
    load = addLoads(load, loadOf(planned.operation.fields));
    return undefined;
  };

  const mustExecute = (planned: PlannedOperation): void => {
    const refusal = execute(planned);
    if (refusal === undefined) return;
    const { kind, from, to } = planned.operation.fields;
    throw invariantBroken(`an operation of kind ${kind} cannot be executed: ${refusal.message}`, {
      kind,
      from,
      to,
      code: refusal.code,
    });
  };

  const close = (): void => {
    for (const [position, sum] of fees.entries()) {
      if (sum > 0n) mustExecute({ operation: collectFee(context.feeTokens[position]!, feeAccount) });
    }
    while (chunk.length < profile.slotsPerChunk) chunk.push({ operation: NOOP });
    chunks.push(chunk);
    chunk = [];
    fees = NO_FEES;
    load = EMPTY_CHUNK;
  };

  /** Whether the open chunk has room for the operation, its data, and a collectFee for each token with fees. */
  const fits = ({ operation }: PlannedOperation): boolean => {
    const loaded = addLoads(load, loadOf(operation.fields));
    if (!limits.chunk.every((budget) => isWithin(budget, loaded))) return false;
    const applied = applyTrusted(view, operation, view.get(operation.fields.from)?.nonce ?? 0, context, fees);
    const sums = 'refusal' in applied ? fees : applied.effects.fees;
    return chunk.length + 1 + sums.filter((sum) => sum > 0n).length <= profile.slotsPerChunk;
  };

  for (const source of inExecutionOrder(entries)) {
    const { entry } = source;
    const operation = entry.type === 'priority' ? withExitAmount(view, entry) : entry.operation;
    const planned = { operation, source };
    if (!fits(planned)) close();
    if (entry.type === 'priority') {
      mustExecute(planned);
    } else {
      const refusal = execute(planned);
      if (refusal !== undefined) drops.push({ source, refusal });
    }
  }
  if (chunk.length > 0) close();
  requireRoom(chunks.length, profile.maxChunks);
  return { chunks, drops };
}
