/** A sequencer that asserts what it is told to, true or not, and answers disputes of it as it is told to. */

import type { AssertionConstants, AssertionSubmission, PinnedAssertionChain } from '@quittance/chain';
import { type Bytes32, isRollupError } from '@quittance/protocol';
import { type BuiltAssertion, readAs } from '../optimistic/asserted-batch.ts';
import type { AnswerStyle } from './answer-styles.ts';

/** How a batch is defended. */
export interface Defence {
  readonly when: AnswerStyle['when'];
  /** The M − 1 commitments for a chunk. */
  readonly commitments: (chunk: number) => readonly Bytes32[];
}

/** A batch of the liar that waits, or did. */
export interface ToldLie extends Defence {
  readonly assertionId: bigint;
  readonly headerHash: Bytes32;
}

/** The arguments of assertBatch. */
export const submissionOf = (built: BuiltAssertion): AssertionSubmission => readAs(built);

/** A built batch defended in a style. */
export const defenceOf = (built: BuiltAssertion, { when, commitments }: AnswerStyle): Defence => ({
  when,
  commitments: (chunk) => commitments(built, chunk),
});

/** Acts by one account that may produce. */
export class LyingSequencer {
  readonly chain: PinnedAssertionChain;
  /** Contract errors with which answers were refused. */
  readonly refusedAnswers: string[] = [];
  readonly #terms: AssertionConstants;
  readonly #told: ToldLie[] = [];
  readonly #answered = new Set<string>();

  private constructor(chain: PinnedAssertionChain, terms: AssertionConstants) {
    this.chain = chain;
    this.#terms = terms;
  }

  /** @param chain to a rollup with optimistic mode. */
  static async open(chain: PinnedAssertionChain): Promise<LyingSequencer> {
    return new LyingSequencer(chain, (await chain.connect())!);
  }

  /** Asserts a batch. @throws RollupError L1_REJECTED with the contract's error. */
  async assert(submission: AssertionSubmission, defence: Defence): Promise<ToldLie> {
    await this.chain.send({ type: 'assertBatch', submission });
    return this.own(submission.number, defence);
  }

  /** Defends a batch of its account that waits. */
  async own(number: number, defence: Defence): Promise<ToldLie> {
    const assertionId = await this.chain.pendingId(number);
    if (assertionId === undefined) throw new Error(`batch ${number} does not wait`);
    const { headerHash } = await this.chain.assertion(assertionId);
    const lie = { assertionId, headerHash, ...defence };
    this.#told.push(lie);
    return lie;
  }

  /**
   * Answers every dispute of its batches once, in its way.
   *
   * @param nowSeconds time of L1. @returns how many answers L1 took.
   */
  async respond(nowSeconds: number): Promise<number> {
    const { answerWindowSeconds } = this.#terms;
    let count = 0;
    for (const lie of this.#told) {
      const { assertionId, when } = lie;
      if (when === 'never') continue;
      const { isPending, chunkCount } = await this.chain.assertion(assertionId);
      for (let chunk = 0; isPending && chunk < chunkCount; chunk += 1) {
        const { firstDisputeAt, answeredAt } = await this.chain.chunkDisputes(assertionId, chunk);
        if (firstDisputeAt === 0 || answeredAt > 0 || this.#answered.has(`${assertionId}/${chunk}`)) continue;
        if (when === 'late' && nowSeconds <= firstDisputeAt + answerWindowSeconds) continue;
        this.#answered.add(`${assertionId}/${chunk}`);
        if (await this.#answer(lie, chunk)) count += 1;
      }
    }
    return count;
  }

  async #answer({ assertionId, headerHash, commitments }: ToldLie, chunk: number): Promise<boolean> {
    try {
      await this.chain.send({
        type: 'answerDispute',
        assertionId,
        headerHash,
        chunk,
        commitments: commitments(chunk),
      });
      return true;
    } catch (error) {
      this.refusedAnswers.push(refusalIn(error));
      return false;
    }
  }
}

/** The contract's error in what a chain threw. @throws the error when it is no refusal. */
function refusalIn(error: unknown): string {
  if (!isRollupError(error) || error.code !== 'L1_REJECTED') throw error;
  return String(error.data['error']);
}

/** The contract's error with which a call is refused; undefined when it is not. */
export async function refusalOf(call: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return refusalIn(error);
  }
}
