/** What the engine refused: transfers are dropped, with the best explanation; anything else must not happen. */

import {
  type ErrorCode,
  invariantBroken,
  isSignedKind,
  RecordKind,
  type RefusedSlot,
  type StateView,
} from '@quittance/protocol';
import { explain, nonceRefusal, type Refusal } from '../apply.ts';
import type { OpenEntry } from '../mempool/open-entry.ts';
import type { PlannedChunks } from './plan.ts';

/** A transfer that is no longer valid. */
export interface PlannedDrop {
  readonly source: OpenEntry;
  readonly refusal: Refusal;
}

/**
 * The drop with the reason that its sender can understand: what it was accepted on is no more.
 *
 * @param undoneBefore sequence up to which transfers were accepted before L1 took operations back; 0 when it never did.
 */
export function blameReorg({ source, refusal }: PlannedDrop, undoneBefore: number): PlannedDrop {
  // That its time is over is no fault of the reorg: it is said as it is.
  if (source.sequence >= undoneBefore || refusal.code === 'EXPIRED') return { source, refusal };
  const message =
    `a reorganization of L1 took back deposits or exits that were counted when this transfer was accepted, and without them ` +
    `it cannot be executed: ${refusal.message} (${refusal.code})`;
  return { source, refusal: { ...refusal, code: 'UNDONE_BY_REORG', message } };
}

/**
 * The drop of a transfer whose fee nobody can take: the operator's account in its token was made by a deposit that L1 took back.
 */
export function withoutFeeAccount(source: OpenEntry, tokenId: number): PlannedDrop {
  const message = `the operator has no account for the fees in token ${tokenId} any more`;
  return { source, refusal: { code: 'NO_FEE_ACCOUNT', message } };
}

/** Kinds that make an account in an empty leaf. */
const CREATES: ReadonlySet<number> = new Set([RecordKind.deposit, RecordKind.transferToNew]);
/** It is said of the last slot of a chunk, whatever is there. */
const WHOLE_CHUNK: ErrorCode = 'FEES_NOT_COLLECTED';

/**
 * The transfers that an engine refused, in order.
 *
 * @param view sealed state before the batch.
 * @throws RollupError INVARIANT_BROKEN when it refused what is no transfer: admission or plan are wrong then.
 */
export function dropsOf(chunks: PlannedChunks, refusals: readonly RefusedSlot[], view: StateView): PlannedDrop[] {
  const refused = new Map(refusals.map((refusal) => [`${refusal.chunk}/${refusal.slot}`, refusal]));
  /** The nonce that each account has reached. */
  const nonces = new Map<number, number>();
  const drops: PlannedDrop[] = [];
  for (const [chunk, operations] of chunks.entries()) {
    for (const [slot, { operation, source }] of operations.entries()) {
      const { kind, from, to } = operation.fields;
      const refusal = refused.get(`${chunk}/${slot}`);
      const nonce = nonces.get(from) ?? view.get(from)?.nonce;
      if (refusal === undefined) {
        if (isSignedKind(kind)) nonces.set(from, (nonce ?? 0) + 1);
        if (CREATES.has(kind) && !nonces.has(to) && view.get(to) === undefined) nonces.set(to, 0);
        continue;
      }
      if (source?.entry.type !== 'transfer' || refusal.code === WHOLE_CHUNK) {
        throw invariantBroken(`an operation of kind ${kind} cannot be executed: ${refusal.message}`, {
          kind,
          from,
          to,
          code: refusal.code,
        });
      }
      const ofNonce = nonce === undefined ? undefined : nonceRefusal({ nonce }, from, source.entry.nonce);
      drops.push({ source, refusal: explain(refusal, ofNonce) });
    }
  }
  return drops;
}
