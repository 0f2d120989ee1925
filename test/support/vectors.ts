/** External test vectors: data that nobody in this project wrote, read from outside the repository, never copied. */

import { existsSync, readFileSync } from 'node:fs';
import type { Context } from 'mocha';

const FOLDER = new URL('../../../shared/vectors/', import.meta.url);

/**
 * The content of `<name>.json`; the test reports itself skipped where the folder is absent.
 *
 * @example it('decodes …', function () { const { decode } = loadVectors<Float40Vectors>(this, 'float40'); … });
 */
export function loadVectors<T>(context: Context, name: string): T {
  const file = new URL(`${name}.json`, FOLDER);
  if (!existsSync(file)) {
    const runnable = context.test;
    if (runnable !== undefined) runnable.title += ` (no ../shared/vectors/${name}.json here)`;
    context.skip();
  }
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
