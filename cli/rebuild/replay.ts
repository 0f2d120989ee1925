/** Replays the rollup from L1, for the commands that need it. */

import type { RollupReader } from '@quittance/chain';
import { openSnapshot, type RebuiltRollup, rebuildRollup, type StateAt } from '@quittance/derivation';
import type { Crypto } from '@quittance/protocol';
import { createLogger, silentLogger } from '../../runtime/index.ts';
import { readSnapshotFile } from '../../storage/index.ts';
import { blobSource } from '../config/blob-places.ts';
import * as parse from '../config/parse.ts';
import { optional, type Values } from '../config/setting.ts';
import { fromBlock } from '../config/settings.ts';
import { chooseCrypto } from '../crypto.ts';
import { openBlobSource } from '../l1/blob-source.ts';
import type { Context } from '../process/command.ts';

/** Batches between two lines of progress. */
const PROGRESS_EVERY = 50;

/** What a replay is told. */
export const REPLAY_SETTINGS = {
  fromBlock,
  blobSource,
  snapshot: optional(
    '<file>',
    parse.text,
    'state after some batch, from an archive; checked against L1, and no older batch is replayed',
  ),
} as const;

async function snapshotOf(
  reader: RollupReader,
  crypto: Crypto,
  file: string | undefined,
): Promise<StateAt | undefined> {
  return file === undefined ? undefined : openSnapshot(reader, crypto, await readSnapshotFile(file));
}

/**
 * Replays all final batches.
 *
 * @throws RollupError LIE_FINAL, NO_DEPLOYMENT, BLOB_UNAVAILABLE, SNAPSHOT_DAMAGED, SNAPSHOT_FOREIGN, L1_UNREACHABLE.
 */
export async function replay(
  { output, signal }: Context,
  reader: RollupReader,
  values: Values<typeof REPLAY_SETTINGS>,
): Promise<RebuiltRollup> {
  const logger = output.quiet ? silentLogger : createLogger({ level: 'warn' });
  const crypto = chooseCrypto();
  return rebuildRollup({
    reader,
    crypto,
    snapshot: await snapshotOf(reader, crypto, values.snapshot),
    blobs: openBlobSource(values.blobSource, logger),
    fromBlock: values.fromBlock,
    signal,
    onProgress(done, total) {
      if (done > 0 && done < total && done % PROGRESS_EVERY === 0) output.say(`${done} of ${total} batches`);
    },
  });
}
