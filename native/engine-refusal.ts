/** What a refusal of the addon means: the reference rules say it, on the leaves that the addon saw. */

import { setImmediate } from 'node:timers/promises';
import {
  ACCOUNT_BYTES,
  type Account,
  type EngineBatch,
  FEE_TOKEN_COUNT,
  feesLeft,
  invariantBroken,
  judgeOperation,
  OPERATION_BYTES,
  type RefusedSlot,
  readAccount,
  readWord,
  type SignatureJudge,
  unpackOperation,
  viewOf,
} from '@quittance/protocol';
import type { AddonRefusal } from './addon.ts';
import { FIELD_BYTES } from './bytes.ts';
import { nativeHasher } from './hash.ts';
import { nativeSignatureVerifier } from './signature.ts';

/** Refusals that are judged before others may run: some milliseconds when each takes a signature. */
const REFUSALS_PER_PAUSE = 16;

const CRYPTO = { hasher: nativeHasher, verifier: nativeSignatureVerifier };

const accountOf = (bytes: Uint8Array | null | undefined): Account | undefined =>
  bytes?.length === ACCOUNT_BYTES ? readAccount(viewOf(bytes), 0) : undefined;

/**
 * The refused slots with their messages. A batch may be refused in all its slots, so others run in between.
 *
 * @throws RollupError INVARIANT_BROKEN when the reference rules see one otherwise, with both views.
 */
export async function refusedSlots(
  refusals: readonly AddonRefusal[],
  batch: EngineBatch,
  slots: readonly number[],
  signatures: SignatureJudge,
): Promise<RefusedSlot[]> {
  const refused: RefusedSlot[] = [];
  for (const [position, refusal] of refusals.entries()) {
    if (position > 0 && position % REFUSALS_PER_PAUSE === 0) await setImmediate();
    refused.push(refusedSlot(refusal, batch, slots, signatures));
  }
  return refused;
}

function refusedSlot(
  refusal: AddonRefusal,
  { domain, batchTime, chunks }: EngineBatch,
  slots: readonly number[],
  signatures: SignatureJudge,
): RefusedSlot {
  const { chunk, slot, code } = refusal;
  const { operations, feeTokens } = chunks[chunk]!;
  const fees = Array.from({ length: FEE_TOKEN_COUNT }, (_, at) => readWord(viewOf(refusal.fees), at * FIELD_BYTES));
  if (code === 'FEES_NOT_COLLECTED') {
    const left = feesLeft(fees);
    if (left !== undefined) return { chunk, slot, ...left };
    throw disagreement(refusal, 'no fees are left');
  }
  const operation = unpackOperation(operations.subarray(slot * OPERATION_BYTES, (slot + 1) * OPERATION_BYTES));
  const { from, to } = operation.fields;
  const [sender, receiver] = [accountOf(refusal.sender), accountOf(refusal.receiver)];
  const view = { get: (index: number) => (index === from ? sender : index === to ? receiver : undefined) };
  const position = slots.slice(0, chunk).reduce((sum, count) => sum + count, slot);
  const at = { context: { domain, batchTime, feeTokens }, fees, signatures, position };
  const outcome = judgeOperation(CRYPTO, view, operation, at);
  if (outcome.valid) throw disagreement(refusal, 'valid');
  if (outcome.invalid.code !== code) throw disagreement(refusal, outcome.invalid.code);
  return { chunk, slot, ...outcome.invalid };
}

function disagreement({ chunk, slot, code }: AddonRefusal, reference: string) {
  const message = `slot ${slot} of chunk ${chunk} is ${code} to the native engine and ${reference} to the rules`;
  return invariantBroken(message, { chunk, slot, native: code, reference });
}
