/** Whom PostgreSQL runs as: it refuses root. */

import { readFileSync } from 'node:fs';

/** Options of a child process that runs as somebody else; empty where this process is not root. */
export type Account = { readonly uid: number; readonly gid: number } | Record<never, never>;

/** `postgres` where there is such an account, else `nobody`, when this process is root. */
export function accountOf(): Account {
  if (process.getuid?.() !== 0) return {};
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].map((name) => accounts.find(([account]) => account === name));
  const [, , uid, gid] = found.find((account) => account !== undefined) ?? ['', '', '65534', '65534'];
  return { uid: Number(uid), gid: Number(gid) };
}
