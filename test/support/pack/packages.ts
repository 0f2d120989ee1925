/** The packages as `npm publish` would send them. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Tarball } from '../../../scripts/pack/tarball.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const OUTPUT = join(ROOT, 'build', 'test-packages');
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Packs everything; nothing of it outlives the next call. */
export async function packAll(): Promise<readonly Tarball[]> {
  const parameters = ['scripts/pack.ts', '--output', OUTPUT, '--json'];
  const options = { cwd: ROOT, maxBuffer: MAX_OUTPUT_BYTES };
  const { stdout } = await promisify(execFile)(process.execPath, parameters, options);
  return JSON.parse(stdout) as Tarball[];
}

/** The folder that a tarball was made of. */
export const stagedFolder = ({ name }: Tarball): string => join(OUTPUT, 'staging', name.replace('@quittance/', ''));

/** Tarballs of the packages that are for importing: not the command, and no addons. */
export const librariesOf = (tarballs: readonly Tarball[]): Tarball[] =>
  tarballs.filter(({ name }) => name.startsWith('@quittance/') && !name.startsWith('@quittance/native-'));

/** The blocks of TypeScript in a document. */
export function codeBlocksOf(path: string): string[] {
  return [...readFileSync(join(ROOT, path), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!);
}

/** Path of a tool of the repository, or of one of its workspaces. */
export const toolPath = (name: string, workspace = ''): string => join(ROOT, workspace, 'node_modules', '.bin', name);
