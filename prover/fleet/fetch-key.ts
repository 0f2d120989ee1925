/** Fetches the key of a ceremony from the node that leads, in pieces: what came stays, and the whole is checked by its hash. */

import { createWriteStream, existsSync, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isRollupError, RollupError } from '@quittance/protocol';
import type { Logger } from '../../runtime/index.ts';
import { sha256File } from '../artifacts/hash.ts';
import { requireResources } from '../resources.ts';
import type { FleetClient } from './client.ts';
import type { ArtifactFile, ArtifactManifest } from './messages.ts';

/** Name of the key in the manifest. */
export const KEY_FILE = 'key.zkey';

export interface FetchKeyOptions {
  readonly client: Pick<FleetClient, 'file' | 'manifest'>;
  readonly circuit: string;
  /** Where keys are kept; of a key that is there already the hash is checked, and another is fetched anew. */
  readonly directory: string;
  readonly logger: Logger;
  readonly signal?: AbortSignal | undefined;
}

/** Pieces that break off before it gives up, without a byte in between. */
const MAX_EMPTY_TRIES = 5;

/** Lets so many bytes through. @throws RollupError ARTIFACT_DAMAGED with one more: whoever sends would fill the disk. */
function atMost(bytes: number, path: string): Transform {
  let rest = bytes;
  return new Transform({
    transform(piece: Uint8Array, _, done) {
      rest -= piece.length;
      if (rest >= 0) return done(null, piece);
      const data = { path, expected: bytes, actual: bytes - rest };
      done(new RollupError('ARTIFACT_DAMAGED', 'more bytes of the key come than were announced', data));
    },
  });
}

/**
 * Fetches what `path` lacks.
 *
 * @throws RollupError ARTIFACT_MISSING when nothing more comes, ARTIFACT_DAMAGED when too much does; what the client throws.
 */
async function fetchRest(options: FetchKeyOptions, { name, bytes }: ArtifactFile, path: string): Promise<void> {
  const { client, circuit, signal, logger } = options;
  let emptyTries = 0;
  for (let start = sizeOf(path); start < bytes; ) {
    const response = await client.file(circuit, name, start, { signal });
    const flags = response.status === 206 && start > 0 ? 'a' : 'w';
    const most = atMost(flags === 'a' ? bytes - start : bytes, path);
    await pipeline(Readable.fromWeb(response.body as never), most, createWriteStream(path, { flags })).catch(
      async (error: unknown) => {
        signal?.throwIfAborted();
        if (isRollupError(error, 'ARTIFACT_DAMAGED')) {
          await rm(path, { force: true });
          throw error;
        }
        logger.warn('a piece of the key broke off; going on', { error });
      },
    );
    const end = sizeOf(path);
    emptyTries = end > start ? 0 : emptyTries + 1;
    if (emptyTries >= MAX_EMPTY_TRIES) {
      const message = `the key does not come: ${end} of ${bytes} bytes`;
      throw new RollupError('ARTIFACT_MISSING', message, { path, expected: bytes, actual: end });
    }
    start = end;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * The .zkey of a ceremony, fetched unless it is there.
 *
 * @returns its path; undefined where the manifest has none: a development key, which each worker makes itself.
 * @throws RollupError ARTIFACT_DAMAGED for bytes of another hash, ARTIFACT_MISSING, RESOURCES_SHORT; what the client throws.
 */
export async function fetchKey(options: FetchKeyOptions): Promise<string | undefined> {
  const { client, circuit, directory, logger, signal } = options;
  const manifest: ArtifactManifest = await client.manifest(circuit, { signal });
  const file = manifest.files.find(({ name }) => name === KEY_FILE);
  if (file === undefined || manifest.development) return undefined;
  if (!/^[0-9a-f]{64}$/.test(file.sha256) || !Number.isSafeInteger(file.bytes)) {
    throw new RollupError('RPC_ANSWER_INVALID', 'the sequencer names a key without a hash', { circuit });
  }
  const path = join(directory, `${file.sha256}.zkey`);
  if (existsSync(path)) {
    if ((await sha256File(path)) === file.sha256) return path;
    logger.warn('the key that was fetched before is damaged; fetching it again', { path });
    await rm(path);
  }
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.part`;
  const diskBytes = Math.max(0, file.bytes - sizeOf(partial));
  await requireResources('the key of the ceremony', { memoryBytes: 0, diskBytes }, directory, logger);
  logger.info('fetching the key of the ceremony', { bytes: file.bytes, from: sizeOf(partial) });
  await fetchRest(options, file, partial);
  const actual = await sha256File(partial);
  if (actual !== file.sha256) {
    await rm(partial, { force: true });
    const message = `the key that was fetched has sha256 ${actual}, expected ${file.sha256}`;
    throw new RollupError('ARTIFACT_DAMAGED', message, { path: partial, expected: file.sha256, actual });
  }
  await rename(partial, path);
  return path;
}
