/** Replays the rollup from L1, for the commands that need it. */

import type { RollupReader } from '@quittance/chain';
import { type RebuiltRollup, rebuildRollup } from '@quittance/derivation';
import { chooseCrypto } from '../crypto.ts';
import type { Context } from '../process/command.ts';

/** Batches between two lines of progress. */
const PROGRESS_EVERY = 50;

/** Replays all final batches. @throws RollupError LIE_FINAL, NO_DEPLOYMENT, L1_UNREACHABLE. */
export function replay({ output, signal }: Context, reader: RollupReader, fromBlock: number): Promise<RebuiltRollup> {
  return rebuildRollup({
    reader,
    crypto: chooseCrypto(),
    fromBlock,
    signal,
    onProgress(done, total) {
      if (done > 0 && done < total && done % PROGRESS_EVERY === 0) output.say(`${done} of ${total} batches`);
    },
  });
}
