/** The build folder: artifacts that are complete and undamaged, or made anew. */

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRollupError, RollupError } from '@quittance/protocol';
import { type Logger, silentLogger } from '../../runtime/index.ts';
import { damaged } from '../damaged.ts';
import { sha256File } from './hash.ts';
import { withLock } from './lock.ts';

export const MANIFEST_FILE = 'manifest.json';
const TEMPORARY_MARK = '.tmp-';
const UNFINISHED_MARK = '.unfinished';

/** Written beside the files of an artifact; whoever loads the artifact checks each file against it. */
export interface Manifest {
  readonly version: 1;
  /** sha256 over everything the artifact was made from. */
  readonly inputsHash: string;
  /** File name → sha256. */
  readonly files: Readonly<Record<string, string>>;
  /** What the maker wants to say about the artifact. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** How to make an artifact that is not there. */
export interface ArtifactRecipe {
  /** The artifact's folder; its name contains `inputsHash` or a part of it. */
  readonly directory: string;
  readonly inputsHash: string;
  /**
   * Writes the files into a new folder and returns the manifest's details. What it leaves in `unfinished` (a folder
   * that it creates) when it fails or is killed is there the next time; it must not trust what it finds there.
   */
  readonly build: (directory: string, unfinished: string) => Promise<Record<string, unknown>>;
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns the manifest of an artifact whose files were verified just now; builds it when it is missing or damaged.
 * The folder appears by rename, so it is complete or absent; two processes do not build the same one twice.
 *
 * @throws RollupError ARTIFACT_DAMAGED when a damaged artifact cannot be made again; otherwise whatever `build` throws.
 */
export async function ensureArtifact(recipe: ArtifactRecipe): Promise<Manifest> {
  const logger = recipe.logger ?? silentLogger;
  const existing = await load(recipe);
  if (!isRollupError(existing)) return existing;
  const damage = isRollupError(existing, 'ARTIFACT_DAMAGED') ? existing : undefined;
  if (damage !== undefined) logger.warn(`${damage.message}; rebuilding`, damage.data);
  await mkdir(dirname(recipe.directory), { recursive: true });
  return withLock(
    `${recipe.directory}.lock`,
    async () => {
      const meanwhile = await load(recipe);
      if (!isRollupError(meanwhile)) return meanwhile;
      return rebuild(recipe).catch((error: unknown) => {
        throw damage !== undefined && !isRollupError(error, 'CANCELLED') ? beyondRepair(damage, error) : error;
      });
    },
    { signal: recipe.signal },
  );
}

function beyondRepair(damage: RollupError<'ARTIFACT_DAMAGED'>, cause: unknown): RollupError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RollupError('ARTIFACT_DAMAGED', `${damage.message}, which failed: ${reason}`, damage.data, { cause });
}

/**
 * Reads a manifest and checks every file that it names.
 *
 * @throws RollupError ARTIFACT_MISSING when there is no manifest, ARTIFACT_DAMAGED naming the first file that differs.
 */
export async function verifyArtifact(directory: string, inputsHash?: string): Promise<Manifest> {
  const manifest = await readManifest(join(directory, MANIFEST_FILE));
  if (inputsHash !== undefined && manifest.inputsHash !== inputsHash) {
    throw unexpected(join(directory, MANIFEST_FILE), inputsHash, manifest.inputsHash);
  }
  for (const [name, expected] of Object.entries(manifest.files)) {
    const path = join(directory, name);
    const actual = await sha256File(path).catch(() => 'unreadable');
    if (actual !== expected) throw unexpected(path, expected, actual);
  }
  return manifest;
}

/** The manifest of an intact artifact, or why there is none. */
async function load(recipe: ArtifactRecipe): Promise<Manifest | RollupError> {
  return verifyArtifact(recipe.directory, recipe.inputsHash).catch((error: unknown) => {
    if (isRollupError(error, 'ARTIFACT_MISSING') || isRollupError(error, 'ARTIFACT_DAMAGED')) return error;
    throw error;
  });
}

async function rebuild(recipe: ArtifactRecipe): Promise<Manifest> {
  await removeLeftovers(recipe.directory);
  const temporary = `${recipe.directory}${TEMPORARY_MARK}${process.pid}`;
  await mkdir(temporary, { recursive: true });
  try {
    const unfinished = `${recipe.directory}${UNFINISHED_MARK}`;
    const details = await recipe.build(temporary, unfinished);
    const files: Record<string, string> = {};
    for (const name of (await readdir(temporary)).sort()) files[name] = await sha256File(join(temporary, name));
    const manifest: Manifest = { version: 1, inputsHash: recipe.inputsHash, files, details };
    await writeFile(join(temporary, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    await rm(recipe.directory, { recursive: true, force: true });
    await rename(temporary, recipe.directory);
    await rm(unfinished, { recursive: true, force: true });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return verifyArtifact(recipe.directory, recipe.inputsHash);
}

/** Folders of builds that were interrupted: whoever holds the lock is the only one who builds. */
async function removeLeftovers(directory: string): Promise<void> {
  const prefix = `${basename(directory)}${TEMPORARY_MARK}`;
  for (const name of await readdir(dirname(directory))) {
    if (name.startsWith(prefix)) await rm(join(dirname(directory), name), { recursive: true, force: true });
  }
}

async function readManifest(path: string): Promise<Manifest> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) throw new RollupError('ARTIFACT_MISSING', `${path} does not exist`, { path });
  let parsed: Partial<Manifest> | null;
  try {
    parsed = JSON.parse(text) as Partial<Manifest> | null;
  } catch {
    throw unexpected(path, 'a JSON manifest', 'unreadable text');
  }
  const complete = parsed?.version === 1 && typeof parsed.inputsHash === 'string' && typeof parsed.files === 'object';
  if (!complete || parsed?.files === null || Object.keys(parsed?.files ?? {}).some(isUnsafeName)) {
    throw unexpected(path, 'a manifest of version 1', 'something else');
  }
  return { details: {}, ...parsed } as Manifest;
}

/** A manifest is data from disk: it must not make us read outside its folder. */
function isUnsafeName(name: string): boolean {
  return name.includes('/') || name.includes('\\') || name.startsWith('.');
}

function unexpected(path: string, expected: string, actual: string): RollupError<'ARTIFACT_DAMAGED'> {
  const reason = `expected ${expected}, found ${actual}; delete its folder to have it made again`;
  return damaged(path, reason, { expected, actual });
}
