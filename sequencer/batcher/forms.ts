/** In which forms the data of a batch may come to L1, and the one that is cheapest today. Pure. */

import type { Prices, RollupConstants } from '@quittance/chain';
import { type BatchForm, evaluationBlobCount, type Profile, RollupError } from '@quittance/protocol';
import type { DataChoice, SequencerMode } from '../config.ts';
import { isWithin, type Load, limitsOf, transactionBytes, type Way, wayOf } from '../mempool/data-limits.ts';

/** The form of each way in blobs. */
const BLOB_FORM = { proven: 'coefficients', asserted: 'evaluations' } as const;

/**
 * The forms that batches of these settings can have on this deployment; the widest, which takes the most records, last. What
 * will be proven after it was asserted is asserted by calldata.
 *
 * @throws RollupError CONFIG_INVALID when blobs are asked for and cannot be used.
 */
export function formsOf(
  { mode, data }: { readonly mode: SequencerMode; readonly data: DataChoice },
  { blobsAllowed }: Pick<RollupConstants, 'blobsAllowed'>,
): readonly BatchForm[] {
  const canUseBlobs = blobsAllowed && mode !== 'hybrid';
  if (data === 'blobs' && !canUseBlobs) {
    const why =
      mode === 'hybrid' ? 'hybrid batches are asserted by calldata' : 'this rollup was deployed without blobs';
    throw new RollupError('CONFIG_INVALID', `data in blobs is not possible: ${why}; use --data auto or calldata`, {
      name: 'data',
      actual: data,
    });
  }
  const blobs = BLOB_FORM[wayOf(mode)];
  if (data === 'blobs') return [blobs];
  return canUseBlobs && data === 'auto' ? ['calldata', blobs] : ['calldata'];
}

/** What the cost of a batch on L1 depends on. */
export interface BatchSize {
  readonly way: Way;
  readonly profile: Profile;
  readonly load: Load;
  /** Zero bytes among those of the chunks' blocks. */
  readonly zeroBytes: number;
}

/** Whether L1 takes a batch of this size in this form. Its chunks are within their limits already. */
export function fitsForm({ way, profile, load }: BatchSize, form: BatchForm): boolean {
  return limitsOf(way, form, profile).batch.every((budget) => isWithin(budget, load));
}

/** Gas of a byte that is not 0, of one that is, and of both at least. Source: EIP-2028, EIP-7623. */
const BYTE_GAS = { nonzero: 16, zero: 4, nonzeroFloor: 40, zeroFloor: 10 } as const;
const TRANSACTION_GAS = 21_000;
/** Source: EIP-4844. */
const GAS_PER_BLOB = 131_072;
/** Source: EIP-4844, POINT_EVALUATION_PRECOMPILE_GAS. */
const POINT_EVALUATION_GAS = 50_000;
/** Execution, rounded from test/contracts/gas.snapshot.json: it matters only against the floor of the bytes. */
const EXECUTION_GAS = {
  proven: { batch: 285_000, chunk: 53_000 },
  asserted: { batch: 150_000, chunk: 15_000 },
} as const;
/** Calldata of a proof: eight words. */
const PROOF_BYTES = 256;
/** The multiplication of a block by z, and its addition. */
const BLOCK_GAS = 85;

/** Blobs of a batch in this form. */
function blobCountOf({ profile, load }: BatchSize, form: BatchForm): number {
  if (form === 'calldata') return 0;
  return form === 'coefficients' ? 1 : evaluationBlobCount(load.chunks, profile.slotsPerChunk);
}

/** Wei that the transaction of a batch costs at these prices, estimated; undefined when L1 has no price for blobs. */
export function costOf(size: BatchSize, form: BatchForm, { feePerGas, feePerBlobGas }: Prices): bigint | undefined {
  const blobCount = blobCountOf(size, form);
  if (blobCount > 0 && feePerBlobGas === undefined) return undefined;
  const { way, profile, load } = size;
  const { base, cost } = transactionBytes(way, form, profile);
  const bytes = base + cost.chunks * load.chunks + cost.visible * load.visible + cost.signed * load.signed;
  const zeroBytes = form === 'calldata' ? size.zeroBytes : 0;
  const gasOf = (nonzero: number, zero: number): number => (bytes - zeroBytes) * nonzero + zeroBytes * zero;
  const { batch, chunk } = EXECUTION_GAS[way];
  const blocks = (load.chunks * profile.slotsPerChunk) / 2;
  // An assertion evaluates nothing of its blobs.
  const data = { calldata: BLOCK_GAS * blocks, coefficients: POINT_EVALUATION_GAS, evaluations: 0 }[form];
  const execution = batch + chunk * load.chunks + data;
  const gas =
    TRANSACTION_GAS +
    Math.max(gasOf(BYTE_GAS.nonzero, BYTE_GAS.zero) + execution, gasOf(BYTE_GAS.nonzeroFloor, BYTE_GAS.zeroFloor));
  return BigInt(gas) * feePerGas + BigInt(blobCount * GAS_PER_BLOB) * (feePerBlobGas ?? 0n);
}

/** Wei that proving a batch costs which was asserted before, estimated: its proofs come in a transaction of their own. */
export function provingCostOf(chunks: number, { feePerGas }: Pick<Prices, 'feePerGas'>): bigint {
  const { batch, chunk } = EXECUTION_GAS.proven;
  return BigInt(TRANSACTION_GAS + batch + (chunk + PROOF_BYTES * BYTE_GAS.nonzero) * chunks) * feePerGas;
}

/**
 * The form in which a batch comes to L1: the cheapest that it fits; as long as no prices are known, the first.
 *
 * @param forms those that may be used; what was cut as one batch fits the last.
 */
export function chooseForm(forms: readonly BatchForm[], size: BatchSize, prices: Prices | undefined): BatchForm {
  const fitting = forms.filter((form) => fitsForm(size, form));
  const candidates = fitting.length === 0 ? forms.slice(-1) : fitting;
  if (prices === undefined) return candidates[0]!;
  const costs = candidates.flatMap((form) => {
    const wei = costOf(size, form, prices);
    return wei === undefined ? [] : [{ form, wei }];
  });
  const cheapest = costs.toSorted((one, other) => (one.wei < other.wei ? -1 : one.wei > other.wei ? 1 : 0))[0];
  return cheapest?.form ?? candidates[0]!;
}
