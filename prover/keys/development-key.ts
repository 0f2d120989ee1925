/** INSECURE development keys: made from a public seed, kept in the build folder under what they were made from. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CompileOptions } from '../artifacts/compile.ts';
import { hashJson } from '../artifacts/hash.ts';
import { ensureArtifact } from '../artifacts/store.ts';
import { DEFAULT_BUILD_DIRECTORY } from '../paths.ts';
import { type Needs, requireResources } from '../resources.ts';
import type { Layout } from '../tiling/layout.ts';
import type { TaskOptions } from '../types.ts';
import { type KeyArtifact, type KeySubject, VERIFYING_KEY_FILE } from './key.ts';
import { assertContributed, decodeVerifyingKey, type VerifyingKeyJson } from './verifying-key.ts';

const KEY_FORMAT = 1;

/** The seed of development keys unless another is given. Public: such keys protect nothing. */
export const DEFAULT_DEVELOPMENT_SEED = 'rollup';

/** Where a setup writes. */
export interface KeyPlace {
  /** The finished proving key. */
  readonly path: string;
  /** A folder whose content outlives an interruption, for setups that continue. */
  readonly unfinished: string;
}

/** Writes a proving key and returns the verifying key. */
export type Setup = (
  subject: KeySubject,
  seed: string,
  place: KeyPlace,
  options: TaskOptions,
) => Promise<VerifyingKeyJson>;

/** One way to make development keys, in the format of one backend. */
export interface KeyMaker {
  /** Stands in the hash: keys of different formats or versions live beside each other. */
  readonly format: string;
  readonly fileName: string;
  readonly setUp: Setup;
  /** What a setup takes at most: said in advance, and checked. */
  readonly needs: (layout: Layout) => Needs;
}

/**
 * The INSECURE development key of a constraint system: made when missing, damaged or of another seed.
 *
 * @throws RollupError INSECURE_KEY when gamma = delta, ARTIFACT_DAMAGED, CANCELLED.
 */
export async function ensureDevelopmentKey(
  subject: KeySubject,
  maker: KeyMaker,
  options: CompileOptions & TaskOptions = {},
): Promise<KeyArtifact> {
  const seed = subject.seed ?? DEFAULT_DEVELOPMENT_SEED;
  const inputsHash = hashJson({ format: KEY_FORMAT, maker: maker.format, circuit: subject.inputsHash, seed });
  const directory = join(
    options.buildDirectory ?? DEFAULT_BUILD_DIRECTORY,
    'keys',
    `${subject.name}-${maker.format}-${inputsHash.slice(0, 16)}`,
  );
  options.logger?.warn(`INSECURE development key for ${subject.name}: its secrets are public, for local chains only`, {
    publicSeed: seed,
  });
  await ensureArtifact({
    directory,
    inputsHash,
    logger: options.logger,
    signal: options.signal,
    build: async (temporary, unfinished) => {
      await requireResources(
        `the setup of ${subject.name}`,
        maker.needs(subject.tiled.layout),
        temporary,
        options.logger,
      );
      options.logger?.info(`making the INSECURE development key of ${subject.name}`, { format: maker.format });
      const place = { path: join(temporary, maker.fileName), unfinished };
      const key = await maker.setUp(subject, seed, place, options);
      const marked: VerifyingKeyJson = { ...key, development: true };
      await writeFile(join(temporary, VERIFYING_KEY_FILE), `${JSON.stringify(marked, null, 2)}\n`);
      return { kind: 'key', INSECURE: true, development: true, seed, circuit: subject.inputsHash };
    },
  });
  const verifyingKeyPath = join(directory, VERIFYING_KEY_FILE);
  const verifyingKey = JSON.parse(await readFile(verifyingKeyPath, 'utf8')) as VerifyingKeyJson;
  assertContributed(decodeVerifyingKey(verifyingKey));
  return { directory, provingKeyPath: join(directory, maker.fileName), verifyingKeyPath, verifyingKey };
}
