/** A database that is made beside others: until it is whole it has another name, so that nobody starts from half of it. */

import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { RollupError } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import { openHeadFile, type Witness } from './head-file.ts';

/** Its name until it is whole. */
export const partOf = (into: string): string => `${into}.part`;

/** Makes its folder. @throws RollupError CONFIG_INVALID when there is something where it would go. */
export function prepareNew(into: string): void {
  for (const path of [into, `${into}-wal`, `${into}.head`, partOf(into)]) {
    if (!existsSync(path)) continue;
    throw new RollupError('CONFIG_INVALID', `${path} exists: name a new file`, { name: 'into', actual: path });
  }
  mkdirSync(dirname(into), { recursive: true });
}

/** Commits that a database has had, as it counts them. */
export function readCommits(file: string): number {
  const database = new Sqlite(file, { readonly: true });
  try {
    const row = database.prepare<[], { value: string }>("SELECT value FROM meta WHERE name = 'commits'").get();
    return Number(row?.value ?? 0);
  } finally {
    database.close();
  }
}

/** A file, or the names in a folder. */
function makeDurable(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** Gives the finished database its witness, and then its name. */
export function finishNew(into: string, witness: Witness): void {
  makeDurable(partOf(into));
  const head = openHeadFile(`${into}.head`);
  head.write(witness);
  head.close();
  renameSync(partOf(into), into);
  makeDurable(dirname(into));
}
