/**
 * Looks over a body before it is parsed, a byte at a time, because parsing takes time and memory by what a body holds: bounds
 * its depth, its values, the members of its objects, and the size of calls that take no list. It is no parser: what is no
 * JSON is refused by the one that follows.
 */

/** Deeper JSON than this has no meaning here. */
export const MAX_DEPTH = 16;
/** Most members of an object; none of ours has as many. */
export const MAX_MEMBERS = 32;
/** A body may hold so many values, and one more for every so many bytes: the shortest transfer has more to a value. */
const FREE_VALUES = 1_000;
const BYTES_PER_VALUE = 16;
/** Most bytes of a call that takes no list. */
export const MAX_SMALL_CALL_BYTES = 16_384;
/** Methods whose calls may be longer. */
const LIST_METHODS = ['rollup_sendTransfers', 'rollup_subscribe'];

/** What is wrong with a body, if something is. */
export type ScanResult =
  | { readonly problem: string }
  | { readonly tooLarge: { readonly limit: number; readonly actual: number } }
  | undefined;

const Byte = { other: 0, quote: 1, open: 2, close: 3, comma: 4 } as const;
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const OPEN_LIST = 0x5b;
const COLON = 0x3a;
/** What JSON takes for space. */
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);
/** A character that is escaped has at most so many bytes. */
const ESCAPE_BYTES = 6;

const CLASSES = new Uint8Array(256);
CLASSES[QUOTE] = Byte.quote;
CLASSES[0x2c] = Byte.comma;
for (const byte of [OPEN_LIST, 0x7b]) CLASSES[byte] = Byte.open;
for (const byte of [0x5d, 0x7d]) CLASSES[byte] = Byte.close;

/** Further from MAX_MEMBERS than a body has bytes. */
const UNCOUNTED = -(2 ** 30);

/** Whether the string between `first` and `end`, which may have escapes, is one of `texts`, which have none. */
function isOneOf(bytes: Uint8Array, first: number, end: number, texts: readonly string[]): boolean {
  if (!texts.some(({ length }) => end - first >= length && end - first <= length * ESCAPE_BYTES)) return false;
  const raw = String.fromCharCode(...bytes.subarray(first, end));
  if (!raw.includes('\\')) return texts.includes(raw);
  try {
    return texts.includes(JSON.parse(`"${raw}"`) as string);
  } catch {
    return false;
  }
}

/** Whether a colon follows: then a string that ended before `at` was a key. */
function isKeyBefore(bytes: Uint8Array, at: number): boolean {
  let next = at;
  while (SPACES.has(bytes[next]!)) next += 1;
  return bytes[next] === COLON;
}

/** Position of the quote that ends the string which begins at `first`, or of the end of the body. */
function endOfString(bytes: Uint8Array, first: number): number {
  let at = first;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

/** Follows the calls of a body: where they begin, and whether their method takes a list. */
class Calls {
  /** Of the members of a call: one deeper in an array of calls. */
  readonly #depth: number;
  #start = 0;
  #isMethodNext = false;
  #takesList = false;

  constructor(isBatch: boolean) {
    this.#depth = isBatch ? 2 : 1;
  }

  open(depth: number, position: number): void {
    if (depth !== this.#depth) return;
    this.#start = position;
    this.#takesList = false;
    this.#isMethodNext = false;
  }

  string(depth: number, bytes: Uint8Array, first: number, end: number): void {
    if (depth !== this.#depth) return;
    if (isKeyBefore(bytes, end + 1)) {
      this.#isMethodNext = isOneOf(bytes, first, end, ['method']);
      // The last one counts, whatever its value.
      if (this.#isMethodNext) this.#takesList = false;
    } else if (this.#isMethodNext) {
      this.#takesList = isOneOf(bytes, first, end, LIST_METHODS);
    }
  }

  /** How long the call was that ends here, if it is longer than it may be. */
  excess(depth: number, position: number): number | undefined {
    const length = position - this.#start;
    return depth === this.#depth && length > MAX_SMALL_CALL_BYTES && !this.#takesList ? length : undefined;
  }
}

/** What is wrong with a body, if something is that can be seen without parsing it. */
export function scan(bytes: Uint8Array): ScanResult {
  const calls = new Calls(bytes.find((byte) => CLASSES[byte] !== Byte.other) === OPEN_LIST);
  const maxValues = FREE_VALUES + bytes.length / BYTES_PER_VALUE;
  /** Commas so far in what is open at each depth; not counted in lists. */
  const commas = new Int32Array(MAX_DEPTH + 1);
  let depth = 0;
  let values = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const kind = CLASSES[bytes[at]!];
    if (kind === Byte.other) continue;
    if (kind === Byte.quote) {
      const end = endOfString(bytes, at + 1);
      calls.string(depth, bytes, at + 1, end);
      at = end;
    } else if (kind === Byte.comma) {
      values += 1;
      commas[depth]! += 1;
      if (commas[depth] === MAX_MEMBERS) return { problem: `an object has more than ${MAX_MEMBERS} members` };
    } else if (kind === Byte.open) {
      values += 1;
      depth += 1;
      if (depth > MAX_DEPTH) return { problem: `the JSON nests deeper than ${MAX_DEPTH} levels` };
      commas[depth] = bytes[at] === OPEN_LIST ? UNCOUNTED : 0;
      calls.open(depth, at);
    } else {
      const actual = calls.excess(depth, at);
      if (actual !== undefined) return { tooLarge: { limit: MAX_SMALL_CALL_BYTES, actual } };
      depth = Math.max(0, depth - 1);
    }
    if (values > maxValues) return { problem: `the body has more than ${Math.floor(maxValues)} values` };
  }
  return undefined;
}
