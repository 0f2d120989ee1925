/**
 * The tokens of an operator's own workers: a JSON file with their hashes. The command line writes it while a sequencer runs,
 * which reads it again when it has changed.
 */

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { RollupError } from '@quittance/protocol';
import { payeeOf, payeeText } from './ledger/ledger.ts';
import type { Payee, WorkerIdentity } from './types.ts';

/** A token, by its hash. */
export interface TokenRow {
  readonly name: string;
  /** sha256 in hexadecimal. */
  readonly hash: string;
  /** Unix milliseconds. */
  readonly createdMs: number;
  /** Whom rewards go to; nothing is owed without. */
  readonly payee?: Payee | undefined;
}

/** How a token begins, so that people and scanners of secrets know what it is. */
const TOKEN_PREFIX = 'qpt_';
const SECRET_BYTES = 32;
const MAX_FILE_BYTES = 4 << 20;
/** The leading digits of a hash tell tokens apart for good. */
const ID_DIGITS = 32;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const HASH = /^[0-9a-f]{64}$/;
const PAYEE = /^[0-9a-f]{1,64}:[0-9a-f]{1,40}$/;

/** A token that nobody has yet. */
export function newToken(): string {
  return `${TOKEN_PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** What is kept of a token. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The worker that a token stands for. */
export function workerOf({ name, hash, payee }: TokenRow): WorkerIdentity {
  return { id: hash.slice(0, ID_DIGITS), name, kind: 'own', payee };
}

function unreadable(path: string, reason: string): RollupError<'CONFIG_INVALID'> {
  return new RollupError('CONFIG_INVALID', `the prover tokens ${path} cannot be read: ${reason}`, { path });
}

interface Row {
  readonly name: string;
  readonly hash: string;
  readonly createdMs: number;
  readonly payee?: string;
}

function isRow(row: Partial<Row> | null): row is Row {
  return (
    typeof row?.name === 'string' &&
    NAME.test(row.name) &&
    typeof row.hash === 'string' &&
    HASH.test(row.hash) &&
    Number.isSafeInteger(row.createdMs) &&
    (row.payee === undefined || (typeof row.payee === 'string' && PAYEE.test(row.payee)))
  );
}

/** All tokens; none when there is no file. @throws RollupError CONFIG_INVALID for a file that is none of ours. */
export function readTokens(path: string): TokenRow[] {
  let text: string;
  try {
    if (statSync(path).size > MAX_FILE_BYTES) throw unreadable(path, `it is larger than ${MAX_FILE_BYTES} bytes`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error instanceof RollupError ? error : unreadable(path, (error as Error).message);
  }
  let parsed: { version?: unknown; tokens?: unknown } | null;
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch {
    throw unreadable(path, 'it is no JSON');
  }
  if (parsed?.version !== 1 || !Array.isArray(parsed.tokens) || !(parsed.tokens as (Row | null)[]).every(isRow)) {
    throw unreadable(path, 'it is no list of tokens of this version');
  }
  return (parsed.tokens as Row[]).map(({ payee, ...row }) => ({
    ...row,
    ...(payee === undefined ? {} : { payee: payeeOf(payee) }),
  }));
}

/** Replaces the file at once: whoever reads it has the one or the other. */
function writeTokens(path: string, tokens: readonly TokenRow[]): void {
  const rows = tokens.map(({ payee, ...row }) => ({
    ...row,
    ...(payee === undefined ? {} : { payee: payeeText(payee) }),
  }));
  const temporary = `${path}.tmp-${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify({ version: 1, tokens: rows }, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}

/**
 * Gives a worker a token. One that it had is revoked with it, and its strikes are forgotten.
 *
 * @returns the token, which is nowhere else.
 * @throws RollupError CONFIG_INVALID for a name that is none.
 */
export function addToken(path: string, name: string, nowMs: number, payee?: Payee): string {
  if (!NAME.test(name)) {
    const message = `"${name}" is no name of a worker: 1 to 63 letters, digits, dots, dashes and underscores`;
    throw new RollupError('CONFIG_INVALID', message, { name });
  }
  const token = newToken();
  const others = readTokens(path).filter((row) => row.name !== name);
  writeTokens(path, [...others, { name, hash: tokenHash(token), createdMs: nowMs, payee }]);
  return token;
}

/** Takes a worker's token back. @returns false when it has none. */
export function revokeToken(path: string, name: string): boolean {
  const tokens = readTokens(path);
  const others = tokens.filter((row) => row.name !== name);
  if (others.length === tokens.length) return false;
  writeTokens(path, others);
  return true;
}
