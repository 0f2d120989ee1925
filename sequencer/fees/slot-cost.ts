/** What one transfer costs on L1 at today's prices: its share of the transactions that bring its batch there. Pure. */

import type { Prices } from '@quittance/chain';
import { type BatchForm, FEE_TOKEN_COUNT, type Profile } from '@quittance/protocol';
import { type BatchSize, chooseForm, costOf, provingCostOf } from '../batcher/forms.ts';
import type { SequencerMode } from '../config.ts';
import { wayOf } from '../mempool/data-limits.ts';

/** What the cost depends on beside the prices. */
export interface SlotCostTerms {
  readonly mode: SequencerMode;
  /** With the chunks that a batch of this operator may have. */
  readonly profile: Profile;
  /** The forms that data may have. */
  readonly forms: readonly BatchForm[];
}

/**
 * A batch that is reckoned with: half of the chunks that one may have, full of plain transfers but for the slots in which
 * fees are collected. Nobody knows the next one; operators whose batches are smaller set a higher margin.
 */
export function typicalBatch({ mode, profile }: SlotCostTerms): { size: BatchSize; transferCount: number } {
  const chunks = Math.ceil(profile.maxChunks / 2);
  const transferCount = chunks * (profile.slotsPerChunk - FEE_TOKEN_COUNT);
  const load = { chunks, visible: 0, signed: transferCount };
  return { size: { way: wayOf(mode), profile, load, zeroBytes: 0 }, transferCount };
}

/** Wei of L1 that a transfer costs in a typical batch, in the form that it would have, rounded up. */
export function slotCost(terms: SlotCostTerms, prices: Prices): bigint {
  const { size, transferCount } = typicalBatch(terms);
  const form = chooseForm(terms.forms, size, prices);
  // Where L1 has no price for blobs at the moment, nothing goes there; what is left is calldata.
  const data = costOf(size, form, prices) ?? costOf(size, 'calldata', prices)!;
  const proofs = terms.mode === 'hybrid' ? provingCostOf(size.load.chunks, prices) : 0n;
  const count = BigInt(transferCount);
  return (data + proofs + count - 1n) / count;
}
