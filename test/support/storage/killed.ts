/** Databases as a crash leaves them, and what changed of their files. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const SCRIPT = `
  import { openStorage } from './storage/index.ts';
  import { transferEntry } from './test/support/storage/log-entries.ts';
  const [file, count] = process.argv.slice(1);
  const storage = openStorage({ file });
  for (let id = 0; id < Number(count); id++) {
    storage.commit(() => storage.log.append([transferEntry(100n + BigInt(id))], 1));
  }
  process.kill(process.pid, 'SIGKILL');`;

/** Appends transfers 100, 101, … in a process of its own that is killed then: it leaves its -wal. */
export function killAfterAppending(file: string, count: number): void {
  const args = ['--input-type=module-typescript', '-e', SCRIPT, file, String(count)];
  const { signal, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (signal !== 'SIGKILL') throw new Error(`the process was not killed: ${stderr}`);
  rmSync(`${file}.open`, { recursive: true, force: true });
}

/** The hash of every file in a folder and below, by its path. */
export function hashFiles(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    entries
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}
