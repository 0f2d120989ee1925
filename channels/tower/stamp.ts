/** Whether files are as they were when they were read last. */

import { statSync } from 'node:fs';

/** File systems tell times apart by some milliseconds, and some by a second or two. */
const COARSEST_MS = 2_000;

/**
 * What changes when one of these files does; undefined while one was changed just now, when the next change might bear the same
 * time: then it is read again the next time, too.
 *
 * @param nowMs Unix time, by which the file system dates, too.
 */
export function stampOf(files: readonly string[], nowMs: number): string | undefined {
  const parts: string[] = [];
  for (const file of files) {
    const found = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (found !== undefined && nowMs - Number(found.mtimeMs) < COARSEST_MS) return undefined;
    parts.push(found === undefined ? 'none' : `${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`);
  }
  return parts.join(' ');
}
