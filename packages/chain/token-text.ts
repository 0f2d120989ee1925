/** Makes harmless what a token says of itself. Pure. */

/** Most characters of a symbol that are shown. */
const MAX_SYMBOL_LENGTH = 32;
/** Most decimals that are believed: 2^128, the largest amount, has 39 digits. */
const MAX_DECIMALS = 36n;

/** What is never shown: control and format characters (which turn the direction of text), surrogates, unassigned ones. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** A symbol that can be shown anywhere as text: printable, trimmed, at most 32 characters; undefined when nothing is left. */
export function cleanSymbol(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const printable = text.replaceAll(UNPRINTABLE, '').trim();
  // By code points, so that no half of a pair is left at the end.
  let symbol = '';
  for (const character of printable) {
    if (symbol.length + character.length > MAX_SYMBOL_LENGTH) break;
    symbol += character;
  }
  return symbol === '' ? undefined : symbol.trimEnd();
}

/** Decimals out of an answer of one word; undefined for any other, and beyond what any amount has. */
export function toDecimals(answer: string): number | undefined {
  if (!/^0x[0-9a-fA-F]{64}$/.test(answer)) return undefined;
  const decimals = BigInt(answer);
  return decimals <= MAX_DECIMALS ? Number(decimals) : undefined;
}
