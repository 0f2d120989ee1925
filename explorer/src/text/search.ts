/** What a search may mean. */

import { hexOfText } from './untrusted.ts';

/** Leaves of the tree: 4^12. */
const CAPACITY = 4 ** 12;
/** Most bytes of a payment reference. */
const MAX_REFERENCE_BYTES = 140;
/** Longest search that is taken: a reference in hexadecimal. */
export const MAX_SEARCH_LENGTH = 2 + 2 * MAX_REFERENCE_BYTES;

/** Everything that a text can be looked up as. */
export interface Meanings {
  /** Index of an account. */
  readonly account?: number;
  readonly batch?: number;
  /** An L1 address. */
  readonly owner?: string;
  /** Id of a transfer. */
  readonly id?: string;
  /** 32 bytes that may be a header's hash, or that of an L1 transaction. */
  readonly hash?: string;
  /** Bytes of a payment reference as hexadecimal. */
  readonly reference?: string;
}

/** What `text` can mean; nothing where it is empty or too long. */
export function meaningsOf(text: string): Meanings {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > MAX_SEARCH_LENGTH) return {};
  const bare = trimmed.replace(/^#/, '').replaceAll(',', '');
  const isNumber = /^(?:0|[1-9][0-9]{0,77})$/.test(bare);
  const number = isNumber && bare.length <= 15 ? Number(bare) : undefined;
  const isHex = /^0x[0-9a-fA-F]+$/.test(trimmed);
  const digits = trimmed.length - 2;
  const hexReference = isHex && digits % 2 === 0 ? trimmed.toLowerCase() : undefined;
  const textReference =
    new TextEncoder().encode(trimmed).length <= MAX_REFERENCE_BYTES ? hexOfText(trimmed) : undefined;
  const reference = hexReference ?? textReference;
  return {
    ...(number !== undefined && number < CAPACITY && !trimmed.startsWith('#') ? { account: number } : {}),
    ...(number === undefined ? {} : { batch: number }),
    ...(isHex && digits === 40 ? { owner: trimmed } : {}),
    ...(isNumber ? { id: bare } : isHex && digits <= 64 && digits !== 40 ? { id: trimmed } : {}),
    ...(isHex && digits === 64 ? { hash: trimmed.toLowerCase() } : {}),
    ...(reference === undefined ? {} : { reference }),
  };
}
