/** Makes values fit for a log: secrets out, bigints as decimal strings, bounded in depth and length. */

import { RollupError } from '@quittance/protocol';

/** What stands in a log where a secret stood. */
export const REDACTED = '[redacted]';

/** Field names whose values never reach a log, compared without case, underscores and dashes. */
const SECRET_NAMES = new Set([
  'privatekey',
  'secret',
  'secretkey',
  'mnemonic',
  'seed',
  'password',
  'passphrase',
  'authorization',
  'cookie',
  'apikey',
  'keystore',
  'signingkey',
]);

const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_TEXT = 4_000;

/** A password or key inside an URL: user:password@host, or a path of an RPC provider that ends in a long key. */
const URL_CREDENTIALS = /(\w{1,16}:\/\/)[^\s/@:]+:[^\s/@]+@/g;
const URL_PATH_KEY = /(https?:\/\/[^\s/]+\/(?:[^\s/]+\/)*)[A-Za-z0-9_-]{24,}/g;

function isSecretName(name: string): boolean {
  return SECRET_NAMES.has(name.toLowerCase().replaceAll(/[_-]/g, ''));
}

function redactText(text: string): string {
  // Cut first: the patterns must not run over megabytes that somebody else chose.
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  return short.replaceAll(URL_CREDENTIALS, `$1${REDACTED}@`).replaceAll(URL_PATH_KEY, `$1${REDACTED}`);
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const fields: Record<string, unknown> = { name: error.name, message: redactText(error.message) };
  if (error instanceof RollupError) {
    fields['code'] = error.code;
    fields['data'] = redact(error.data, depth + 1);
  }
  if (error.stack !== undefined) fields['stack'] = redactText(error.stack);
  if (error.cause !== undefined) fields['cause'] = redact(error.cause, depth + 1);
  return fields;
}

/** A copy of `value` that may be logged: JSON-safe, without secrets, at most MAX_DEPTH levels deep. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? '[function]' : value;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_ITEMS)
      .map(([name, item]) => [name, isSecretName(name) ? REDACTED : redact(item, depth + 1)]),
  );
}
