/** Lets batches wait while gas is dear, within bounds of price and time; what L1 must execute soon never waits. */

import type { Prices } from '@quittance/chain';
import { unixSeconds } from '../../runtime/index.ts';
import type { BatchRow, Storage } from '../../storage/index.ts';
import type { PriceBound } from '../config.ts';
import type { SequencerContext } from '../context.ts';

/** Decides when batches are posted. */
export interface Patience {
  /**
   * Whether the next batch to be posted waits for lower prices. One that L1 does not have, of blobs, is never too high.
   *
   * @throws RollupError L1_UNREACHABLE.
   */
  isWorthWaiting(batch: BatchRow): Promise<boolean>;
}

/** How long before a deadline nothing waits any more: a stuck transaction needs that long to be replaced a few times. */
const DEADLINE_MARGIN_SECONDS = 3_600;

/** What the decision depends on. Times are Unix seconds. */
export interface Occasion {
  readonly form: BatchRow['form'];
  /** When it was sealed. */
  readonly sealedAt: number;
  /** When L1 begins to refuse it. */
  readonly expiresAt: number;
  /** Of the first operation of the queue that is not executed on L1; undefined when there is none. */
  readonly firstDeadline: number | undefined;
  readonly now: number;
}

/** Whether gas is dearer than the operator likes. */
function isDear({ feePerGas, feePerBlobGas }: PriceBound, form: BatchRow['form'], prices: Prices): boolean {
  if (prices.feePerGas > feePerGas) return true;
  return form !== 'calldata' && prices.feePerBlobGas !== undefined && prices.feePerBlobGas > feePerBlobGas;
}

/** Whether a batch may wait at all: its time is not up, and nothing is due soon. Pure. */
export function mayWait({ mostSeconds }: PriceBound, occasion: Occasion): boolean {
  const { sealedAt, expiresAt, firstDeadline, now } = occasion;
  if (now >= sealedAt + mostSeconds || now + DEADLINE_MARGIN_SECONDS >= expiresAt) return false;
  return firstDeadline === undefined || now + DEADLINE_MARGIN_SECONDS < firstDeadline;
}

/** How many priority operations the batches on L1 execute. */
export function executedOnL1({ batches }: Pick<Storage, 'batches'>): number {
  return batches.lastPosted()?.header.priorityCount ?? 0;
}

/** The deadline, in Unix seconds, of the first operation that no batch on L1 executes. */
export function firstDeadlineOf(storage: Pick<Storage, 'batches' | 'priority'>): number | undefined {
  return storage.priority.from(executedOnL1(storage), 1)[0]?.deadline;
}

/** Patience within the bound of the settings; none without one. */
export function createPatience({ config, chain, constants, storage, clock, logger }: SequencerContext): Patience {
  const { priceBound } = config;
  let told: string | undefined;
  return {
    async isWorthWaiting({ number, form, header, headerHash, sealedMs }) {
      if (priceBound === undefined) return false;
      const occasion = {
        form,
        sealedAt: Math.floor(sealedMs / 1_000),
        expiresAt: header.time + constants.maxBatchAgeSeconds,
        firstDeadline: firstDeadlineOf(storage),
        now: unixSeconds(clock),
      };
      if (!mayWait(priceBound, occasion)) return false;
      const prices = await chain.prices();
      if (!isDear(priceBound, form, prices)) return false;
      if (told !== headerHash) logger.info('a batch waits for lower prices', { batch: number, form, ...prices });
      told = headerHash;
      return true;
    },
  };
}
