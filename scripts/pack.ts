/**
 * `./dev pack`: tarballs of everything that is published, as `npm publish` would send them. Nothing is published.
 * usage: node scripts/pack.ts [--output <folder>] [--json]   (build/packages if not given; it is emptied)
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildCommand } from './pack/command.ts';
import { buildLibrary, LIBRARIES } from './pack/library.ts';
import type { Manifest } from './pack/manifest.ts';
import { findPrebuilt, stageNative } from './pack/native.ts';
import { packFolder, type Tarball } from './pack/tarball.ts';

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000).toLocaleString('en')} kB`;

/** Builds and packs everything, each behind what it depends on. */
async function pack(destination: string, say: (line: string) => void): Promise<Tarball[]> {
  const staging = join(destination, 'staging');
  const root = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  rmSync(destination, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  const prebuilt = findPrebuilt();
  if (prebuilt.length === 0) say('the native core is not built here: packed without it, for the portable path');
  if (root.repository === undefined) say('package.json names no repository: the packages name none either');
  const folders: string[] = [];
  for (const name of LIBRARIES) folders.push(await buildLibrary(name, staging));
  for (const addon of prebuilt) folders.push(stageNative(addon, root, staging));
  folders.push(
    await buildCommand(
      staging,
      prebuilt.map(({ platform }) => platform),
    ),
  );
  return folders.map((folder) => {
    const tarball = packFolder(folder, destination);
    say(
      `${basename(tarball.path)}: ${kilobytes(tarball.bytes)}, ${tarball.files} files, ${kilobytes(tarball.unpackedBytes)} installed`,
    );
    return tarball;
  });
}

const { values } = parseArgs({ options: { output: { type: 'string' }, json: { type: 'boolean' } } });
const destination = resolve(values.output ?? 'build/packages');
const tarballs = await pack(destination, (line) => void process.stderr.write(`${line}\n`));
writeFileSync(join(destination, 'tarballs.json'), `${JSON.stringify(tarballs, null, 2)}\n`);
if (values.json) process.stdout.write(`${JSON.stringify(tarballs)}\n`);
else process.stderr.write(`next, in an empty folder: npm install ${join(destination, 'quittance-*.tgz')}\n`);
