/** Keys from a ceremony: what can be seen of a .zkey, and its form for a backend, kept under the file's hash. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RollupError } from '@quittance/protocol';
import type { CompileOptions } from '../artifacts/compile.ts';
import { hashJson, sha256File } from '../artifacts/hash.ts';
import { ensureArtifact } from '../artifacts/store.ts';
import { damaged } from '../damaged.ts';
import { DEFAULT_BUILD_DIRECTORY } from '../paths.ts';
import { type Needs, requireResources } from '../resources.ts';
import type { Layout, TiledSystem } from '../tiling/layout.ts';
import type { TaskOptions } from '../types.ts';
import { type KeyArtifact, type KeySubject, VERIFYING_KEY_FILE } from './key.ts';
import { assertContributed, encodeVerifyingKey, type VerifyingKeyJson } from './verifying-key.ts';
import { readZkeyHeader } from './zkey-header.ts';

const IMPORT_FORMAT = 1;

/** Makes the proving key of a backend from a .zkey at `path` and returns the verifying key that it has. */
export type ImportKey = (
  subject: KeySubject,
  zkeyPath: string,
  path: string,
  options: TaskOptions,
) => Promise<VerifyingKeyJson>;

/** One way to use a ceremony's key in the format of one backend. */
export interface KeyImporter {
  /** Stands in the folder's name and in the hash. */
  readonly format: string;
  readonly fileName: string;
  readonly importKey: ImportKey;
  /** What an import takes at most. */
  readonly needs: (layout: Layout) => Needs;
}

/**
 * A ceremony's key in the format of a backend: made when it is missing or damaged, and kept under the hash of the
 * .zkey, so that another .zkey under the same name is never taken for it.
 *
 * @throws RollupError INSECURE_KEY when nobody contributed, KEY_OF_ANOTHER_CIRCUIT, ARTIFACT_DAMAGED,
 * RESOURCES_SHORT, CANCELLED.
 */
export async function ensureImportedKey(
  subject: KeySubject,
  zkeyPath: string,
  importer: KeyImporter,
  options: CompileOptions & TaskOptions = {},
): Promise<KeyArtifact> {
  // The head first: a wrong file is refused before gigabytes are read.
  const verifyingKey = await readCeremonyKey(zkeyPath, subject.tiled);
  options.onProgress?.({ stage: 'hash', done: 0, total: 1 });
  const zkeyHash = await sha256File(zkeyPath);
  options.onProgress?.({ stage: 'hash', done: 1, total: 1 });
  const inputsHash = hashJson({
    format: IMPORT_FORMAT,
    importer: importer.format,
    circuit: subject.inputsHash,
    zkey: zkeyHash,
  });
  const directory = join(
    options.buildDirectory ?? DEFAULT_BUILD_DIRECTORY,
    'keys',
    `${subject.name}-${importer.format}-${inputsHash.slice(0, 16)}`,
  );
  await ensureArtifact({
    directory,
    inputsHash,
    logger: options.logger,
    signal: options.signal,
    build: async (temporary) => {
      const task = `the import of the key of ${subject.name}`;
      await requireResources(task, importer.needs(subject.tiled.layout), temporary, options.logger);
      options.logger?.info(`importing the ceremony's key of ${subject.name}`, { zkeyPath, zkeyHash });
      const imported = await importer.importKey(subject, zkeyPath, join(temporary, importer.fileName), options);
      assertSameKey(imported, verifyingKey, zkeyPath);
      await writeFile(join(temporary, VERIFYING_KEY_FILE), `${JSON.stringify(verifyingKey, null, 2)}\n`);
      return { kind: 'imported key', zkey: zkeyHash, circuit: subject.inputsHash };
    },
  });
  return {
    directory,
    provingKeyPath: join(directory, importer.fileName),
    verifyingKeyPath: join(directory, VERIFYING_KEY_FILE),
    verifyingKey,
  };
}

/** Two readers saw the same file: they differ only when it was replaced in between. */
function assertSameKey(imported: VerifyingKeyJson, expected: VerifyingKeyJson, zkeyPath: string): void {
  const hash = (key: VerifyingKeyJson): string => hashJson({ ...key, development: key.development === true });
  if (hash(imported) === hash(expected)) return;
  throw damaged(zkeyPath, 'it changed while it was read; start again');
}

/**
 * The verifying key of a .zkey from a ceremony, checked for what can be seen from outside; that it belongs to the
 * circuit and that all contributions are sound is for `verifyCeremony`. It is marked as a development key when no
 * ceremony stands behind it.
 *
 * @throws RollupError INSECURE_KEY when nobody contributed, KEY_OF_ANOTHER_CIRCUIT by its size.
 */
export async function readCeremonyKey(zkeyPath: string, tiled: TiledSystem): Promise<VerifyingKeyJson> {
  const { verifyingKey, wireCount, publicCount, isDevelopment } = await readZkeyHeader(zkeyPath);
  const { layout } = tiled;
  if (wireCount !== layout.wireCount || publicCount !== layout.publicCount) {
    throw new RollupError('KEY_OF_ANOTHER_CIRCUIT', `${zkeyPath} is the key of another circuit`, {
      path: zkeyPath,
      expected: layout.wireCount,
      actual: wireCount,
    });
  }
  assertContributed(verifyingKey);
  return encodeVerifyingKey(verifyingKey, isDevelopment);
}
