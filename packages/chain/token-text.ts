/** Makes harmless what a token says of itself. Pure. */

/** Most characters of a symbol that are shown. */
const MAX_SYMBOL_LENGTH = 32;
/** Most decimals that are believed: 2^128, the largest amount, has 39 digits. */
const MAX_DECIMALS = 36n;

/** What is never shown: control and format characters (which turn the direction of text), surrogates, unassigned ones. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** What others wrote as one line that can be shown anywhere: printable, trimmed, at most so many characters. */
export function cleanText(text: string, maxLength: number): string {
  const printable = text.replaceAll(UNPRINTABLE, '').trim();
  // By code points, so that no half of a pair is left at the end.
  let line = '';
  for (const character of printable) {
    if (line.length + character.length > maxLength) break;
    line += character;
  }
  return line.trimEnd();
}

/** A symbol as `cleanText`, of at most 32 characters; undefined when nothing is left. */
export function cleanSymbol(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cleanText(text, MAX_SYMBOL_LENGTH) || undefined;
}

/** Decimals out of an answer of one word; undefined for any other, and beyond what any amount has. */
export function toDecimals(answer: string): number | undefined {
  if (!/^0x[0-9a-fA-F]{64}$/.test(answer)) return undefined;
  const decimals = BigInt(answer);
  return decimals <= MAX_DECIMALS ? Number(decimals) : undefined;
}
