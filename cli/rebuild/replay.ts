/** Replays the rollup from L1, for the commands that need it. */

import type { RollupReader } from '@quittance/chain';
import {
  encodeSnapshot,
  openSnapshot,
  type RebuildOptions,
  type RebuiltRollup,
  type ReplayCrypto,
  rebuildRollup,
  type StateAt,
} from '@quittance/derivation';
import { isRollupError, RollupError } from '@quittance/protocol';
import { readSnapshotFile, readSnapshotIfThere, writeSnapshotFile } from '../../storage/index.ts';
import { blobSource } from '../config/blob-places.ts';
import * as parse from '../config/parse.ts';
import { optional, type Values } from '../config/setting.ts';
import { fromBlock } from '../config/settings.ts';
import { chooseCrypto } from '../crypto.ts';
import { openBlobSource } from '../l1/blob-source.ts';
import type { Context } from '../process/command.ts';
import { warningsOf } from '../process/log.ts';

/** Most batches between two lines of progress, and least lines of a replay of as many batches. */
const PROGRESS_EVERY = 50;
const PROGRESS_LINES = 20;

/** What a replay is told. */
export const REPLAY_SETTINGS = {
  fromBlock,
  blobSource,
  snapshot: optional(
    '<file>',
    parse.text,
    'state after some batch, from an archive; checked against L1, and no older batch is replayed',
  ),
  state: optional(
    '<file>',
    parse.text,
    'where the state is kept now and then, when interrupted and at the end; if it is there, the replay goes on from it',
  ),
} as const;

/** What is wrong with a file of progress, with the way out. */
function withWayOut(file: string, error: unknown): unknown {
  if (!isRollupError(error, 'SNAPSHOT_DAMAGED') && !isRollupError(error, 'SNAPSHOT_FOREIGN')) return error;
  const message = `${error.message}. Remove ${file}, or name another file by --state, and the replay begins anew`;
  return new RollupError(error.code, message, error.data, { cause: error });
}

/** Where an earlier replay stopped; undefined when there was none. @throws RollupError SNAPSHOT_DAMAGED or SNAPSHOT_FOREIGN. */
async function progressOf(
  reader: RollupReader,
  crypto: ReplayCrypto,
  file: string | undefined,
): Promise<StateAt | undefined> {
  if (file === undefined) return undefined;
  try {
    const bytes = await readSnapshotIfThere(file);
    return bytes === undefined ? undefined : await openSnapshot(reader, crypto, bytes);
  } catch (error) {
    throw withWayOut(file, error);
  }
}

/** The newer of progress and snapshot. */
async function startOf(
  reader: RollupReader,
  crypto: ReplayCrypto,
  { snapshot: file, state }: Values<typeof REPLAY_SETTINGS>,
): Promise<StateAt | undefined> {
  const progress = await progressOf(reader, crypto, state);
  const snapshot = file === undefined ? undefined : await openSnapshot(reader, crypto, await readSnapshotFile(file));
  if (progress === undefined || snapshot === undefined) return progress ?? snapshot;
  return progress.header.number >= snapshot.header.number ? progress : snapshot;
}

/**
 * Replays all final batches.
 *
 * @param claims whose withdrawals and moves the result has to have.
 * @throws RollupError LIE_FINAL, NO_DEPLOYMENT, BLOB_UNAVAILABLE, SNAPSHOT_DAMAGED, SNAPSHOT_FOREIGN, CONFIG_INVALID
 * when --state cannot be written, RESOURCES_SHORT, L1_UNREACHABLE.
 */
export async function replay(
  { output, signal }: Context,
  reader: RollupReader,
  values: Values<typeof REPLAY_SETTINGS>,
  claims: NonNullable<RebuildOptions['claims']>,
): Promise<RebuiltRollup> {
  const logger = warningsOf(output);
  const crypto = chooseCrypto();
  const snapshot = await startOf(reader, crypto, values);
  if (snapshot !== undefined) output.say(`going on behind batch ${snapshot.header.number}`);
  const { state: file } = values;
  return rebuildRollup({
    ...{ reader, crypto, snapshot, claims, signal },
    blobs: openBlobSource(values.blobSource, logger),
    fromBlock: values.fromBlock,
    keep: file === undefined ? undefined : (at) => writeSnapshotFile(file, encodeSnapshot(at)),
    onProgress(done, total) {
      const every = Math.max(1, Math.min(PROGRESS_EVERY, Math.floor(total / PROGRESS_LINES)));
      if (done > 0 && done < total && done % every === 0) output.say(`${done} of ${total} batches`);
    },
  });
}
