/** Replays the rollup from L1, for the commands that need it. */

import type { RollupReader } from '@quittance/chain';
import { type RebuiltRollup, rebuildRollup } from '@quittance/derivation';
import { createLogger, silentLogger } from '../../runtime/index.ts';
import { blobSource } from '../config/blob-places.ts';
import type { Values } from '../config/setting.ts';
import { fromBlock } from '../config/settings.ts';
import { chooseCrypto } from '../crypto.ts';
import { openBlobSource } from '../l1/blob-source.ts';
import type { Context } from '../process/command.ts';

/** Batches between two lines of progress. */
const PROGRESS_EVERY = 50;

/** What a replay is told. */
export const REPLAY_SETTINGS = { fromBlock, blobSource } as const;

/** Replays all final batches. @throws RollupError LIE_FINAL, NO_DEPLOYMENT, BLOB_UNAVAILABLE, L1_UNREACHABLE. */
export function replay(
  { output, signal }: Context,
  reader: RollupReader,
  values: Values<typeof REPLAY_SETTINGS>,
): Promise<RebuiltRollup> {
  const logger = output.quiet ? silentLogger : createLogger({ level: 'warn' });
  return rebuildRollup({
    reader,
    crypto: chooseCrypto(),
    blobs: openBlobSource(values.blobSource, logger),
    fromBlock: values.fromBlock,
    signal,
    onProgress(done, total) {
      if (done > 0 && done < total && done % PROGRESS_EVERY === 0) output.say(`${done} of ${total} batches`);
    },
  });
}
