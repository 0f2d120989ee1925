/** Reads JSON from strangers: valid UTF-8, bounded depth, nothing else assumed. */

/** Deeper JSON than this has no meaning here. */
const MAX_DEPTH = 16;

/** What was read, or why not. */
export type Parsed = { readonly value: unknown } | { readonly problem: string };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Whether brackets outside of strings nest deeper than MAX_DEPTH. */
function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  let inString = false;
  for (let position = 0; position < bytes.length; position++) {
    const byte = bytes[position]!;
    if (inString) {
      if (byte === BACKSLASH) position += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (OPENING.has(byte)) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (CLOSING.has(byte)) depth -= 1;
  }
  return false;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Parses a body. */
export function parseJson(bytes: Uint8Array): Parsed {
  if (isTooDeep(bytes)) return { problem: `the JSON nests deeper than ${MAX_DEPTH} levels` };
  try {
    return { value: JSON.parse(decoder.decode(bytes)) };
  } catch (error) {
    return { problem: error instanceof SyntaxError ? 'the body is not valid JSON' : 'the body is not valid UTF-8' };
  }
}
