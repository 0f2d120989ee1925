/**
 * Runs the tests with mocha in two processes, the longest files first by what the last run measured, and closes with
 * the failures and one line of counts. A skipped test fails the run: what is not tested must not look as if it were.
 * usage: node scripts/test.ts [path…] [--serial] [--processes <n>]   (files or folders below test/)
 */

import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { canBuildNative } from '../test/support/native.ts';
import { type Durations, expectedMs } from './runner/order.ts';
import type { FileResult } from './runner/protocol.ts';
import { runFiles } from './runner/run.ts';

const DURATIONS_FILE = 'build/test-durations.json';
/** Many tests start processes, which load the same sources: Node keeps them compiled here, by their content. */
const COMPILE_CACHE = resolve('build/compile-cache');
/** More than two fill the memory of common machines with provers, and save little: many tests use several cores. */
const DEFAULT_PROCESSES = Math.min(2, availableParallelism());
const USAGE_EXIT = 2;

function stop(reason: string): never {
  console.error(reason);
  process.exit(USAGE_EXIT);
}

function testFiles(paths: readonly string[]): string[] {
  const files = (paths.length === 0 ? ['test'] : paths).flatMap((path) => {
    if (!existsSync(path)) stop(`${path} does not exist`);
    return statSync(path).isDirectory() ? globSync(`${path}/**/*.test.ts`) : [path];
  });
  return [...new Set(files)].sort();
}

function lastDurations(): Durations {
  try {
    return JSON.parse(readFileSync(DURATIONS_FILE, 'utf8')) as Durations;
  } catch {
    return {}; // no run yet: there is no estimate
  }
}

function writeDurations(durations: Durations): void {
  mkdirSync('build', { recursive: true });
  writeFileSync(DURATIONS_FILE, JSON.stringify(durations, null, 1));
}

/** Rust's own tests come first: they are quick, and everything native stands on them. */
function runCargoTests(): void {
  if (!canBuildNative()) {
    console.error('cargo or cc was not found: the tests of the native core are left out');
    return;
  }
  execFileSync('cargo', ['test', '--release', '--quiet', '--manifest-path', 'native/Cargo.toml'], { stdio: 'inherit' });
}

/** Once for all: processes that compile the contracts at the same time take each other's files away. */
function buildContracts(): void {
  if (process.env['QUITTANCE_CONTRACTS_BUILT'] === '1') return;
  execFileSync('node_modules/.bin/hardhat', ['build', '--quiet'], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Says again what failed, lists what did not run, says what to do next, and counts. */
function close(results: readonly FileResult[]): never {
  const failures = results.flatMap(({ file, failures }) => failures.map((failure) => ({ file, ...failure })));
  const skipped = results.flatMap((result) => result.skipped);
  const leftOut = results.flatMap((result) => result.leftOut);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  if (failures.length > 0) console.log('\nfailed:');
  for (const { file, title, error } of failures)
    console.log(`  ${file}: ${title}\n    ${error.replaceAll('\n', '\n    ')}`);
  if (leftOut.length > 0) console.log('left out, as this machine lacks what they need:');
  for (const title of leftOut) console.log(`  ${title}`);
  if (skipped.length > 0) console.log('skipped, which fails the run:');
  for (const title of skipped) console.log(`  ${title}`);
  const isGood = failures.length === 0 && skipped.length === 0 && passed > 0;
  console.log(isGood ? 'next: ./dev start --once' : 'next: read what failed above; ./dev test <path> runs one file');
  console.log(`${passed} passed, ${failures.length} failed, ${skipped.length} skipped`);
  process.exit(isGood ? 0 : 1);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { serial: { type: 'boolean' }, processes: { type: 'string' } },
    });
  } catch (error) {
    return stop((error as Error).message);
  }
}

const { values, positionals: paths } = readArguments();
const asked = values.serial ? 1 : Number(values.processes ?? DEFAULT_PROCESSES);
if (!Number.isSafeInteger(asked) || asked < 1) stop('--processes: expected a whole number from 1 on');
const files = testFiles(paths);
const processes = Math.max(1, Math.min(asked, files.length));
if (paths.length === 0 && process.env['QUITTANCE_PORTABLE'] !== '1') runCargoTests();
if (processes > 1) buildContracts();

const durations = lastDurations();
const known = files.reduce((sum, file) => sum + expectedMs(file, durations), 0) / processes;
console.log(`${files.length} test files, about ${Math.ceil(known / 1000)} s in ${processes} processes`);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
const results = await runFiles(files, {
  ...{ processes, durations },
  environment: {
    ...process.env,
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? COMPILE_CACHE,
    ...(processes > 1 ? { QUITTANCE_CONTRACTS_BUILT: '1' } : {}),
    ...(process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '' ? { MOCHA_COLORS: '1' } : {}),
  },
  write: (text) => void process.stdout.write(text),
});
writeDurations({ ...durations, ...Object.fromEntries(results.map(({ file, milliseconds }) => [file, milliseconds])) });
close(results);
