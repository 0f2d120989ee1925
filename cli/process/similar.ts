/** "Did you mean": what a person probably meant by a word that nothing is called. */

/** More edits than this share of the word make another word of it. */
const FARTHEST = 0.4;

/** Edits between two words: one letter more, less, another, or two swapped (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      line[column] = Math.min(
        rows[row - 1]![column]! + 1,
        line[column - 1]! + 1,
        rows[row - 1]![column - 1]! + (isSame ? 0 : 1),
        isSwapped ? rows[row - 2]![column - 2]! + 1 : Number.POSITIVE_INFINITY,
      );
    }
    rows.push(line);
  }
  return rows[a.length]![b.length]!;
}

/** The word nearest to what was written, in any case of letters; undefined when none is near. */
export function nearest(written: string, words: Iterable<string>): string | undefined {
  let best: { readonly word: string; readonly edits: number } | undefined;
  for (const word of words) {
    const edits = distance(written.toLowerCase(), word.toLowerCase());
    const isNear = edits <= Math.max(written.length, word.length) * FARTHEST;
    if (isNear && edits < (best?.edits ?? Number.POSITIVE_INFINITY)) best = { word, edits };
  }
  return best?.word;
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(written: string, words: Iterable<string>): string {
  const found = nearest(written, words);
  return found === undefined ? '' : `; did you mean "${found}"?`;
}
