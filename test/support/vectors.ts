/** External test vectors: numbers that nobody in this project wrote. Their sources: test/vectors/external/README.md. */

import { readFileSync } from 'node:fs';

const FOLDER = new URL('../vectors/external/', import.meta.url);

/**
 * The content of `<name>.json`.
 *
 * @example it('decodes …', () => { const { decode } = loadVectors<Float40Vectors>('float40'); … });
 */
export function loadVectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as T;
}
