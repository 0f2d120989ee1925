/** Text that others wrote parts of, made harmless for a terminal. */

/** What moves the cursor, colors, or turns the direction of text. */
const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text that does nothing to a terminal but be shown; lines and tabs stay. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => (character === '\n' || character === '\t' ? character : ''));
}
