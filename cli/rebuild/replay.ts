/** The rollup replayed from L1, as several commands need it. */

import type { RollupReader } from '@quittance/chain';
import { type RebuiltRollup, rebuildRollup } from '@quittance/derivation';
import { chooseCrypto } from '../crypto.ts';
import type { Context } from '../process/command.ts';
import { asMismatch } from '../process/errors.ts';

/** Batches between two lines of progress. */
const PROGRESS_EVERY = 50;

/** Replays all final batches. @throws RollupError STATE_MISMATCH, NOT_FOUND, L1_UNREACHABLE. */
export async function replay(
  { output, signal }: Context,
  reader: RollupReader,
  fromBlock: number,
): Promise<RebuiltRollup> {
  try {
    return await rebuildRollup({
      reader,
      crypto: chooseCrypto(),
      fromBlock,
      signal,
      onProgress(done, total) {
        if (done > 0 && done < total && done % PROGRESS_EVERY === 0) output.say(`${done} of ${total} batches`);
      },
    });
  } catch (error) {
    throw asMismatch(error);
  }
}
