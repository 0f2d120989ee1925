/** A proof as eight words: A.x, A.y, B.x, B.y, C.x, C.y, each coordinate of B real part first. */

import { RollupError } from './errors/index.ts';
import type { Groth16Proof } from './types.ts';

const PROOF_WORD_COUNT = 8;

/** The coordinates of a proof in order. The EVM takes the parts of B the other way round (packages/chain). */
export function proofWords({ a, b, c }: Groth16Proof): bigint[] {
  return [...a, ...b[0], ...b[1], ...c];
}

/** The inverse of `proofWords`. @throws RollupError PROOF_UNREADABLE when there are not eight bigints. */
export function proofFromWords(words: readonly bigint[]): Groth16Proof {
  if (words.length !== PROOF_WORD_COUNT || !words.every((word) => typeof word === 'bigint')) {
    throw new RollupError('PROOF_UNREADABLE', `a proof has ${PROOF_WORD_COUNT} coordinates, got ${words.length}`);
  }
  const pair = (index: number): [bigint, bigint] => [words[index]!, words[index + 1]!];
  return { a: pair(0), b: [pair(2), pair(4)], c: pair(6) };
}
