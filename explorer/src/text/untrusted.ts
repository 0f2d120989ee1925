/** Text that others wrote: payment references and names of tokens. The page never takes it for markup; this is about looks. */

/** Control characters, invisible ones, and those that turn the direction of what follows. */
const INVISIBLE =
  /\p{C}|\p{Zl}|\p{Zp}|\u034f|[\u115f\u1160\u3164\uffa0]|\u17b4|\u17b5|[\u180b-\u180e]|[\ufe00-\ufe0f]/gu;

/** More marks on one letter than any language has. */
const STACKED_MARKS = /(\p{M}{3})\p{M}+/gu;

/** A text of at most `limit` characters, without what cannot be seen. */
export function harmless(text: string, limit: number): string {
  const visible = text.normalize('NFC').replace(INVISIBLE, '�').replace(STACKED_MARKS, '$1');
  const characters = [...visible];
  return characters.length <= limit ? visible : `${characters.slice(0, limit - 1).join('')}…`;
}

/** Longest name of a token that is shown. */
const MAX_SYMBOL = 12;

/** The name of a token: a single word. */
export function tokenText(symbol: string): string {
  return harmless(symbol.trim().replace(/\s+/gu, ' '), MAX_SYMBOL);
}

/** The bytes of an even number of hexadecimal digits behind 0x. */
function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.slice(2).match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** A payment reference as text where it is UTF-8 without control characters; undefined otherwise. */
export function referenceText(hex: string): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytesOf(hex));
    return /\p{Cc}/u.test(text) ? undefined : harmless(text, 140);
  } catch {
    return undefined; // no UTF-8: it is shown as hexadecimal
  }
}

/** The bytes of a text in UTF-8, as 0x hexadecimal. */
export function hexOfText(text: string): string {
  return `0x${Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
