/** What a sequencer says of itself. */

import { isRollupError, isSameAddress, type RollupError } from '@quittance/protocol';
import { createClient } from '@quittance/sdk';

/** Its answer. */
export interface SequencerSays {
  readonly host: string;
  readonly version: string;
  readonly mode: string;
  /** Whether it is of another rollup than L1 was asked about. */
  readonly isForeign: boolean;
  readonly sealedBatch: number;
  readonly postedBatch: number;
  readonly finalBatch: number;
  readonly openTransfers: number;
  readonly unpostedTransfers: number;
  /** Why nothing is posted for now; null if nothing is wrong. */
  readonly trouble: string | null;
  /** Why it takes no transfers any more; null while it does. */
  readonly halted: string | null;
}

const sentenceOf = (trouble: { readonly reason: string; readonly message: string } | null): string | null =>
  trouble === null ? null : `${trouble.reason}: ${trouble.message}`;

/** Asks it. @returns the error of one that does not answer: the rest of the screen is worth showing. */
export async function askSequencer(
  url: string,
  { chainId, contract }: { readonly chainId: bigint; readonly contract: string },
): Promise<SequencerSays | RollupError> {
  const client = createClient({ url });
  try {
    const config = await client.call('rollup_getConfig', {});
    const status = await client.call('rollup_syncStatus', {});
    const { sealedBatch, postedBatch, finalBatch, openTransfers, unpostedTransfers } = status;
    return {
      ...{ sealedBatch, postedBatch, finalBatch, openTransfers, unpostedTransfers },
      ...{ host: new URL(url).host, version: config.version, mode: config.mode },
      isForeign: config.chainId !== String(chainId) || !isSameAddress(config.contract, contract),
      trouble: sentenceOf(status.trouble),
      halted: sentenceOf(status.halted),
    };
  } catch (error) {
    if (isRollupError(error)) return error;
    throw error;
  }
}
