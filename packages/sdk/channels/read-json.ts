/** Reads JSON of the other party or of a disk member by member: nothing else gets through. */

import { RollupError } from '@quittance/protocol';

/** What JSON.parse gives. */
export type Json = unknown;

/** What came is not what it should be. */
export function unreadable(what: string, actual: Json): RollupError<'CHANNEL_PEER_WRONG'> {
  const text = String(JSON.stringify(actual)).slice(0, 80);
  const reason = `${what} is ${text}`;
  return new RollupError('CHANNEL_PEER_WRONG', `a message of a channel cannot be read: ${reason}`, { reason });
}

/** An object. @throws RollupError CHANNEL_PEER_WRONG, as all here. */
export function object(what: string, value: Json): Readonly<Record<string, Json>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable(what, value);
  return value as Record<string, Json>;
}

/** A list of at most so many. */
export function list<T>(what: string, value: Json, most: number, read: (item: Json) => T): T[] {
  if (!Array.isArray(value) || value.length > most) throw unreadable(what, Array.isArray(value) ? value.length : value);
  return value.map(read);
}

/** A number below 2^bits. */
export function count(what: string, value: Json, bits: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 2 ** bits) return value;
  throw unreadable(what, value);
}

/** A decimal text below 2^bits. */
export function amount(what: string, value: Json, bits = 128): bigint {
  if (typeof value !== 'string' || !/^(0|[1-9][0-9]{0,38})$/.test(value)) throw unreadable(what, value);
  const number = BigInt(value);
  if (number >> BigInt(bits) !== 0n) throw unreadable(what, value);
  return number;
}

/** true or false. */
export function flag(what: string, value: Json): boolean {
  if (typeof value !== 'boolean') throw unreadable(what, value);
  return value;
}

/** A text of this form. */
export function pattern(what: string, value: Json, form: RegExp): string {
  if (typeof value !== 'string' || !form.test(value)) throw unreadable(what, value);
  return value;
}

/** 32 bytes in lower-case hexadecimal. */
export const bytes32 = (what: string, value: Json): string => pattern(what, value, /^0x[0-9a-f]{64}$/);
/** An L1 address, whatever its case. */
export const address = (what: string, value: Json): string => pattern(what, value, /^0x[0-9a-fA-F]{40}$/);
