/** What entries of the log are found by. */

import { createHash } from 'node:crypto';
import { RecordKind, unpackOwnerAndToken } from '@quittance/protocol';
import type { LogEntry } from './log-codec.ts';

/** What entries are found by: a number below 2^49. */
export type LookupKey = number;

/** Another one has the table made of the log again. */
export const KEYS_VERSION = 2;

/** Above all account indices. */
const CREATIONS = 2 ** 47;
/** Above those. */
const HASHED = 2 ** 48;
const HASH_BYTES = 6;

/** Of a name and bytes. Two of them can have the same key, so whoever finds an entry compares it. */
function hashedKey(name: string, content: string | Uint8Array): LookupKey {
  const digest = createHash('sha256').update(`${name}:`).update(content).digest();
  return HASHED + digest.readUIntBE(0, HASH_BYTES);
}

/** Of the entries that name an account. */
export const accountKey = (index: number): LookupKey => index;
/** Of the deposits and transfers to new accounts that put an account into a leaf, or pay into the one that they put there. */
export const creationKey = (index: number): LookupKey => CREATIONS + index;
/** Of the requests from L1 of an owner. */
export const ownerKey = (owner: bigint): LookupKey => hashedKey('owner', owner.toString(16));
/** Of the transfers with a payment reference. */
export const referenceKey = (bytes: Uint8Array): LookupKey => hashedKey('reference', bytes);

/** Indices of the accounts that an entry names; none for a seal. */
export function accountsOf(entry: LogEntry): number[] {
  if (entry.type !== 'transfer' && entry.type !== 'priority') return [];
  const { kind, from, to } = entry.operation.fields;
  if (kind === RecordKind.deposit) return [to];
  const isInTree = kind === RecordKind.transfer || kind === RecordKind.transferToNew;
  return isInTree && to !== from ? [from, to] : [from];
}

/** The keys that an entry is found by. A change of them needs another `KEYS_VERSION`. */
export function keysOf(entry: LogEntry): LookupKey[] {
  if (entry.type !== 'transfer' && entry.type !== 'priority') return [];
  const { fields, words } = entry.operation;
  const keys = accountsOf(entry).map(accountKey);
  const isCreation = fields.kind === RecordKind.deposit || fields.kind === RecordKind.transferToNew;
  if (isCreation) keys.push(creationKey(fields.to));
  if (entry.type === 'priority') keys.push(ownerKey(unpackOwnerAndToken(words[1]!).owner));
  else if (entry.reference !== undefined) keys.push(referenceKey(entry.reference.bytes));
  return keys;
}
