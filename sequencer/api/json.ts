/** Reads JSON from strangers: valid UTF-8, bounded in what it holds, nothing else assumed. */

import { type ScanResult, scan } from './scan.ts';

/** What was read, or why not. */
export type Parsed = { readonly value: unknown } | NonNullable<ScanResult>;

/** Whether an untrusted value is an object, and no list. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Parses a body. */
export function parseJson(bytes: Uint8Array): Parsed {
  const wrong = scan(bytes);
  if (wrong !== undefined) return wrong;
  try {
    return { value: JSON.parse(decoder.decode(bytes)) };
  } catch (error) {
    return { problem: error instanceof SyntaxError ? 'the body is not valid JSON' : 'the body is not valid UTF-8' };
  }
}
