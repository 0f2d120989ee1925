import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RollupError } from '@quittance/protocol';
import { DEFAULT_BUILD_DIRECTORY } from '../paths.ts';
import type { TaskOptions } from '../types.ts';
import { assertContributed, decodeVerifyingKey, encodeVerifyingKey, type VerifyingKeyJson } from '../verifying-key.ts';
import type { CompileOptions } from './compile.ts';
import { hashJson } from './hash.ts';
import type { Layout, TiledSystem } from './layout.ts';
import { type Needs, portableSetUpNeeds, requireResources } from './resources.ts';
import { setupPortable } from './setup/portable.ts';
import { ensureArtifact } from './store.ts';
import { readZkeyHeader } from './zkey-header.ts';

const KEY_FORMAT = 1;
/** Name of the verifying key in an artifact's folder. */
export const VERIFYING_KEY_FILE = 'verification_key.json';
const ZKEY_FILE = 'INSECURE-development.zkey';

/** The seed of development keys unless another is given. Public: such keys protect nothing. */
export const DEFAULT_DEVELOPMENT_SEED = 'rollup';

/** A key pair that was verified against its manifest just now. */
export interface KeyArtifact {
  readonly directory: string;
  readonly provingKeyPath: string;
  readonly verifyingKeyPath: string;
  readonly verifyingKey: VerifyingKeyJson;
}

/** Whose key is wanted. */
export interface KeySubject {
  /** Part of the folder's name: `quick`, `standard`, a toy's name. */
  readonly name: string;
  readonly tiled: TiledSystem;
  readonly layoutPath: string;
  /** Identifies the constraint system; keys of another one are never taken for it. */
  readonly inputsHash: string;
  readonly seed?: string | undefined;
}

/** Where a set-up writes. */
export interface KeyPlace {
  /** The finished proving key. */
  readonly path: string;
  /** A folder whose content outlives an interruption, for set-ups that continue. */
  readonly unfinished: string;
}

/** Writes a proving key and returns the verifying key. */
export type SetUp = (
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
  readonly setUp: SetUp;
  /** What a set-up takes at most: said in advance, and checked. */
  readonly needs: (layout: Layout) => Needs;
}

/** Keys in snarkjs's format, made without native code. */
export const portableKeyMaker: KeyMaker = {
  format: 'zkey',
  fileName: ZKEY_FILE,
  needs: portableSetUpNeeds,
  setUp: async ({ tiled }, seed, { path }, options) => {
    await setupPortable(tiled, seed, path, options);
    return encodeVerifyingKey((await readZkeyHeader(path)).verifyingKey, true);
  },
};

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
    seed,
  });
  await ensureArtifact({
    directory,
    inputsHash,
    logger: options.logger,
    signal: options.signal,
    build: async (temporary, unfinished) => {
      await requireResources(
        `the set-up of ${subject.name}`,
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

/**
 * The verifying key of a .zkey from a ceremony, checked for what can be seen from outside; that it belongs to the
 * circuit and that all contributions are sound is for `verifyCeremony`. It is marked as a development key when no
 * ceremony stands behind it.
 *
 * @throws RollupError INSECURE_KEY when nobody contributed, MALFORMED when it is of another size than the system.
 */
export async function readCeremonyKey(zkeyPath: string, tiled: TiledSystem): Promise<VerifyingKeyJson> {
  const { verifyingKey, wireCount, publicCount, isDevelopment } = await readZkeyHeader(zkeyPath);
  const { layout } = tiled;
  if (wireCount !== layout.wireCount || publicCount !== layout.publicCount) {
    throw new RollupError('MALFORMED', `${zkeyPath} is the key of another circuit`, {
      expected: layout.wireCount,
      actual: wireCount,
    });
  }
  assertContributed(verifyingKey);
  return encodeVerifyingKey(verifyingKey, isDevelopment);
}
