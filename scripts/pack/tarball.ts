/** Makes tarballs of staged folders, as npm does. */

import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Published } from './manifest.ts';

/** A packed package. */
export interface Tarball {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  readonly bytes: number;
  /** As installed. */
  readonly unpackedBytes: number;
  readonly files: number;
}

/** Writes the manifest of a staged folder. */
export function writeManifest(folder: string, manifest: Published): void {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Packs a staged folder into `destination`. */
export function packFolder(folder: string, destination: string): Tarball {
  const parameters = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination];
  const text = execFileSync('npm', parameters, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const answer = JSON.parse(text) as unknown;
  // npm 11 answers a list, later ones an object by name.
  const [packed] = Object.values(
    answer as Record<string, { filename: string; unpackedSize: number; entryCount: number }>,
  );
  if (packed === undefined) throw new Error(`npm packed nothing in ${folder}`);
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  // Some versions of npm name the file of a scoped package with its slash.
  const path = join(destination, `${name!.replace('@', '').replace('/', '-')}-${version}.tgz`);
  const written = join(destination, packed.filename);
  if (written !== path) renameSync(written, path);
  return {
    ...{ name: name!, version: version!, path },
    ...{ bytes: statSync(path).size, unpackedBytes: packed.unpackedSize, files: packed.entryCount },
  };
}
