/** How a liar answers disputes of its lies. */

import { type Bytes32, keccakText } from '@quittance/protocol';
import type { BuiltAssertion } from '../optimistic/asserted-batch.ts';

/** One way to answer. */
export interface AnswerStyle {
  readonly name: string;
  /** Undefined: never. `late`: when the window is over. */
  readonly when: 'atOnce' | 'late' | 'never';
  /** The M − 1 commitments for a chunk. */
  readonly commitments: (built: BuiltAssertion, chunk: number) => readonly Bytes32[];
}

const claimed = (built: BuiltAssertion, chunk: number): readonly Bytes32[] => built.claims[chunk]!.answer;
const garbage = (slot: number): Bytes32 => keccakText(`no state ${slot}`);

/** Where the chunk's first lie stands; beyond the end when it has none. */
function lieIn(built: BuiltAssertion, chunk: number): number {
  const found = built.claims[chunk]!.slots.findIndex(({ isFraud }) => isFraud);
  return found < 0 ? built.claims[chunk]!.slots.length : found;
}

/** Stands by the lie: everything but the wrong step is right. */
export const CONSISTENT: AnswerStyle = { name: 'consistent', when: 'atOnce', commitments: claimed };

/** Never answers. */
export const WITHHELD: AnswerStyle = { name: 'withheld', when: 'never', commitments: claimed };

/** Answers when it is too late. */
export const LATE: AnswerStyle = { name: 'late', when: 'late', commitments: claimed };

/** Commits to states that do not exist. */
export const GARBAGE: AnswerStyle = {
  name: 'garbage',
  when: 'atOnce',
  commitments: (built, chunk) => claimed(built, chunk).map((_, slot) => garbage(slot)),
};

/** Garbage up to the lie, and consistent from there on: the first wrong step is not where the lie stands. */
export const CONSISTENT_FROM_THE_LIE: AnswerStyle = {
  name: 'consistent from the lie on',
  when: 'atOnce',
  commitments: (built, chunk) =>
    claimed(built, chunk).map((commitment, slot) => (slot < lieIn(built, chunk) ? garbage(slot) : commitment)),
};

/** Says that nothing happens from the lie on, and jumps to the claimed root in the last step. */
export const JUMPING_AT_THE_END: AnswerStyle = {
  name: 'jumping at the end',
  when: 'atOnce',
  commitments(built, chunk) {
    const answer = claimed(built, chunk);
    const lie = lieIn(built, chunk);
    return answer.map((commitment, slot) => (slot < lie ? commitment : answer[Math.max(0, lie - 1)]!));
  },
};

/** Everything one slot too early. */
export const SHIFTED: AnswerStyle = {
  name: 'shifted',
  when: 'atOnce',
  commitments(built, chunk) {
    const answer = claimed(built, chunk);
    return [...answer.slice(1), answer.at(-1)!];
  },
};

/** The states of another chunk. */
export const OF_ANOTHER_CHUNK: AnswerStyle = {
  name: 'of another chunk',
  when: 'atOnce',
  commitments: (built, chunk) => claimed(built, (chunk + 1) % built.claims.length),
};
