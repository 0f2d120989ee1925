/**
 * Runs the tests with mocha, shows an estimate from the last run, and closes with one line of counts. A skipped test
 * fails the run: what is not tested must not look as if it were.
 * usage: node scripts/test.ts [path…]   (files or folders below test/)
 */

import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import Mocha from 'mocha';
import { canBuildNative, titlesLeftOut } from '../test/support/native.ts';

const DURATIONS_FILE = 'build/test-durations.json';

function testFiles(paths: readonly string[]): string[] {
  const files = (paths.length === 0 ? ['test'] : paths).flatMap((path) => {
    if (!existsSync(path)) throw new Error(`${path} does not exist`);
    return statSync(path).isDirectory() ? globSync(`${path}/**/*.test.ts`) : [path];
  });
  return [...new Set(files)].sort();
}

function lastDurations(): Record<string, number> {
  try {
    return JSON.parse(readFileSync(DURATIONS_FILE, 'utf8')) as Record<string, number>;
  } catch {
    return {}; // no run yet: there is no estimate
  }
}

/** Rust's own tests come first: they are quick, and everything native stands on them. */
function runCargoTests(): void {
  if (!canBuildNative()) {
    console.error('cargo or cc was not found: the tests of the native core are left out');
    return;
  }
  execFileSync('cargo', ['test', '--release', '--quiet', '--manifest-path', 'native/Cargo.toml'], { stdio: 'inherit' });
}

/** Lists what did not run, says what to do next, and counts. */
function close(passed: number, failed: number, skipped: readonly string[]): never {
  if (titlesLeftOut.length > 0) console.log('left out, as this machine lacks what they need:');
  for (const title of titlesLeftOut) console.log(`  ${title}`);
  if (skipped.length > 0) console.log('skipped, which fails the run:');
  for (const title of skipped) console.log(`  ${title}`);
  const isGood = failed === 0 && skipped.length === 0 && passed > 0;
  console.log(
    isGood ? 'next: ./dev start --once' : 'next: read the first failure above; ./dev test <path> runs one file',
  );
  console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
  process.exit(isGood ? 0 : 1);
}

const paths = process.argv.slice(2);
if (paths.length === 0 && process.env['QUITTANCE_PORTABLE'] !== '1') runCargoTests();

const options = JSON.parse(readFileSync('.mocharc.json', 'utf8')) as Mocha.MochaOptions;
const mocha = new Mocha(options);
const files = testFiles(paths);
for (const file of files) mocha.addFile(file);
await mocha.loadFilesAsync();

const durations = lastDurations();
const known = files.reduce((sum, file) => sum + (durations[file] ?? 0), 0);
console.log(`${files.length} test files${known > 0 ? `, about ${Math.ceil(known / 1000)} s by the last run` : ''}`);

const measured: Record<string, number> = {};
const skipped: string[] = [];
let currentFile = '';
let startedAt = performance.now();
const closeFile = () => {
  if (currentFile !== '') measured[currentFile] = (measured[currentFile] ?? 0) + performance.now() - startedAt;
  startedAt = performance.now();
};
const runner = mocha.run((failures) => {
  closeFile();
  mkdirSync('build', { recursive: true });
  writeFileSync(DURATIONS_FILE, JSON.stringify({ ...durations, ...measured }, null, 1));
  close(runner.stats?.passes ?? 0, failures, skipped);
});
runner.on('pending', (test) => {
  skipped.push(test.fullTitle());
});
runner.on('suite', (suite) => {
  const file = suite.file === undefined ? '' : relative(process.cwd(), suite.file);
  if (file === '' || file === currentFile) return;
  closeFile();
  currentFile = file;
  const done = Object.keys(measured).length;
  const left = files
    .filter((name) => measured[name] === undefined)
    .reduce((sum, name) => sum + (durations[name] ?? 0), 0);
  console.log(`\n[${done + 1}/${files.length}] ${file}${left > 0 ? ` (about ${Math.ceil(left / 1000)} s left)` : ''}`);
});
