/** Compiles circom circuits into the build folder, each under the hash of all it was made from. */

import { spawn } from 'node:child_process';
import { readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { RollupError } from '@quittance/protocol';
import type { Logger } from '../../runtime/index.ts';
import { isInterruption } from '../cancel.ts';
import { DEFAULT_BUILD_DIRECTORY, PACKAGE_ROOT } from '../paths.ts';
import { hashJson } from './hash.ts';
import { collectSources } from './sources.ts';
import { ensureArtifact } from './store.ts';

const FLAGS = ['--r1cs', '--wasm', '--sym', '--O2'] as const;
const require = createRequire(import.meta.url);
/** Where circomlib lies: beside this package's other dependencies, which an installed package shares with others. */
const LIBRARY_FOLDERS = [dirname(dirname(require.resolve('circomlib/package.json')))];
/** Changes when what a circuit's folder contains changes. */
const FORMAT = 1;

/** A compiled circuit: paths of files that were verified when the object was made. */
export interface CompiledCircuit {
  readonly name: string;
  readonly directory: string;
  /** circom's binary constraint system. */
  readonly r1csPath: string;
  /** Names of all signals and their wires. */
  readonly symPath: string;
  /** circom's witness calculator. */
  readonly wasmPath: string;
  /** sha256 over sources, compiler and flags. */
  readonly inputsHash: string;
}

export interface CompileOptions {
  readonly buildDirectory?: string | undefined;
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One line of circuits/circuits.json. */
interface CircuitInstance {
  readonly name: string;
  readonly file: string;
}

/**
 * Compiles one instance of circuits/circuits.json, or takes it from the build folder when nothing it was made from
 * has changed.
 *
 * @example const { r1csPath } = await compileCircuit('slot');
 * @throws RollupError ARTIFACT_MISSING when there is no such instance or a source is absent, CIRCUIT_REFUSED
 * when circom refuses the source, CANCELLED, ARTIFACT_DAMAGED when the result cannot be stored undamaged.
 */
export async function compileCircuit(name: string, options: CompileOptions = {}): Promise<CompiledCircuit> {
  const listPath = join(PACKAGE_ROOT, 'circuits', 'circuits.json');
  const list: unknown = JSON.parse(await readFile(listPath, 'utf8'));
  const instance = instancesOf(list).find((candidate) => candidate.name === name);
  if (!instance) throw new RollupError('ARTIFACT_MISSING', `circuits/circuits.json has no instance ${name}`, { name });
  return compileFile(name, join(PACKAGE_ROOT, 'circuits', instance.file), options);
}

/** As `compileCircuit`, for a circom file that is in no list (toy circuits of tests, whole chunks). */
export async function compileFile(name: string, path: string, options: CompileOptions = {}): Promise<CompiledCircuit> {
  const compiler = await compilerIdentity();
  const sources = await collectSources(path, LIBRARY_FOLDERS, PACKAGE_ROOT);
  const inputsHash = hashJson({ format: FORMAT, name, compiler, flags: FLAGS, sources });
  const directory = join(
    options.buildDirectory ?? DEFAULT_BUILD_DIRECTORY,
    'circuits',
    `${name}-${inputsHash.slice(0, 16)}`,
  );
  await ensureArtifact({
    directory,
    inputsHash,
    logger: options.logger,
    signal: options.signal,
    build: async (temporary) => {
      options.logger?.info(`compiling circuit ${name}`, { circuit: name });
      await runCompiler(path, temporary, options.signal);
      await tidy(temporary, path, name);
      return { kind: 'circuit', name, compiler, flags: FLAGS, sources };
    },
  });
  return {
    name,
    directory,
    inputsHash,
    r1csPath: join(directory, `${name}.r1cs`),
    symPath: join(directory, `${name}.sym`),
    wasmPath: join(directory, `${name}.wasm`),
  };
}

function instancesOf(list: unknown): readonly CircuitInstance[] {
  const instances = Array.isArray(list) ? list : (list as { circuits?: unknown } | null)?.circuits;
  return Array.isArray(instances) ? (instances as CircuitInstance[]) : [];
}

async function compilerIdentity(): Promise<string> {
  const { version } = JSON.parse(await readFile(require.resolve('circom2/package.json'), 'utf8')) as {
    version: string;
  };
  return `circom2@${version}`;
}

/**
 * Where circom runs: it finds no library above its own folder (circom2 0.2), so where dependencies lie beside this package,
 * as in an installed one, it runs among them.
 */
const COMPILER_FOLDER = LIBRARY_FOLDERS.every((folder) => folder.startsWith(PACKAGE_ROOT))
  ? PACKAGE_ROOT
  : LIBRARY_FOLDERS[0]!;

/** circom runs as WebAssembly in its own process, with relative paths, since it sees no others. */
async function runCompiler(path: string, output: string, signal: AbortSignal | undefined): Promise<void> {
  const program = join(dirname(require.resolve('circom2/package.json')), 'cli.js');
  const libraries = LIBRARY_FOLDERS.flatMap((folder) => ['-l', relative(COMPILER_FOLDER, folder) || '.']);
  const parameters = [relative(COMPILER_FOLDER, path), ...FLAGS, ...libraries, '-o', relative(COMPILER_FOLDER, output)];
  const child = spawn(process.execPath, [program, ...parameters], {
    cwd: COMPILER_FOLDER,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal ? { signal } : {}),
  });
  let said = '';
  const listen = (piece: Buffer): void => {
    said = (said + piece.toString('utf8')).slice(-8192);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const [exitCode, signalName] = await new Promise<[number | null, NodeJS.Signals | null]>((settle, fail) => {
    child.once('error', fail);
    child.once('close', (...ending) => settle(ending));
  }).catch((error: Error) => {
    if (signal?.aborted) throw new RollupError('CANCELLED', 'compiling was cancelled', {}, { cause: error });
    throw error;
  });
  if (exitCode === 0) return;
  if (signal?.aborted || isInterruption(signalName)) {
    throw new RollupError('CANCELLED', `compiling ${path} was interrupted`, { path });
  }
  if (signalName !== null) {
    const message = `circom was ended by ${signalName} while it compiled ${path}; is there enough memory?`;
    throw new RollupError('RESOURCES_SHORT', message, { path, signal: signalName });
  }
  throw new RollupError('CIRCUIT_REFUSED', `circom refuses ${path}:\n${stripVTControlCharacters(said).trim()}`, {
    path,
    exitCode,
  });
}

/** Leaves <name>.r1cs, <name>.sym and <name>.wasm, whatever the source file is called. */
async function tidy(directory: string, sourcePath: string, name: string): Promise<void> {
  const stem = sourcePath.slice(sourcePath.lastIndexOf('/') + 1).replace(/\.circom$/, '');
  await rename(join(directory, `${stem}_js`, `${stem}.wasm`), join(directory, `${name}.wasm`));
  await rm(join(directory, `${stem}_js`), { recursive: true, force: true });
  if (stem === name) return;
  await rename(join(directory, `${stem}.r1cs`), join(directory, `${name}.r1cs`));
  await rename(join(directory, `${stem}.sym`), join(directory, `${name}.sym`));
}
