/** Finds the sources of a circuit: what its hash has to cover. */

import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, relative, sep } from 'node:path';
import { RollupError } from '@quittance/protocol';
import { sha256 } from './hash.ts';

const INCLUDE = /^\s*include\s+"([^"]+)"\s*;/gm;
const COMMENTS = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

/**
 * Every circom file that `mainFile` includes, itself among them: path relative to `root` → sha256 of its content. Files of
 * libraries outside of it are named as if its node_modules had them, so that the names are the same in a checkout and in an
 * installed package. Includes are looked up as the compiler does it: beside the file, then in the library folders.
 *
 * @throws RollupError ARTIFACT_MISSING naming the file that is not there and who includes it.
 */
export async function collectSources(
  mainFile: string,
  libraries: readonly string[],
  root: string,
): Promise<Readonly<Record<string, string>>> {
  const sources: Record<string, string> = {};
  const pending: { path: string; includedBy: string }[] = [{ path: mainFile, includedBy: 'circuits.json' }];
  const seen = new Set<string>();
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { path, content } = await readFirst(candidates(next, libraries), next);
    if (seen.has(path)) continue;
    seen.add(path);
    sources[nameOf(path, libraries, root)] = sha256(content);
    for (const [, include] of content.replace(COMMENTS, '').matchAll(INCLUDE)) {
      pending.push({ path: include!, includedBy: path });
    }
  }
  return sources;
}

function nameOf(path: string, libraries: readonly string[], root: string): string {
  const isBelow = (folder: string): boolean => path.startsWith(`${folder}${sep}`);
  const library = isBelow(root) ? undefined : libraries.find(isBelow);
  return library === undefined ? relative(root, path) : join('node_modules', relative(library, path));
}

function candidates(include: { path: string; includedBy: string }, libraries: readonly string[]): string[] {
  if (isAbsolute(include.path)) return [include.path];
  return [dirname(include.includedBy), ...libraries].map((folder) => normalize(join(folder, include.path)));
}

async function readFirst(
  paths: readonly string[],
  include: { path: string; includedBy: string },
): Promise<{ path: string; content: string }> {
  for (const path of paths) {
    const content = await readFile(path, 'utf8').catch(() => undefined);
    if (content !== undefined) return { path, content };
  }
  throw new RollupError('ARTIFACT_MISSING', `${include.path}, included by ${include.includedBy}, does not exist`, {
    ...include,
  });
}
