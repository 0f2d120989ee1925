/** A sequencer that asserts what it is told to, true or not, and answers disputes of it as it is told to. */

import type { PinnedAssertionChain } from '../../../chain/index.ts';
import { type Bytes32, isRollupError } from '../../../protocol/index.ts';
import type { BuiltAssertion } from '../asserted-batch.ts';
import type { AnswerStyle } from './answer-styles.ts';

/** A batch of it that waits, or did. */
export interface ToldLie {
  readonly assertionId: bigint;
  readonly built: BuiltAssertion;
  readonly answer: AnswerStyle;
}

/** The calldata of assertBatch. */
export const submissionOf = ({ parent, batch, chunks, authorizations }: BuiltAssertion) => ({
  parent,
  ...batch,
  chunks,
  authorizations,
});

export class LyingSequencer {
  readonly chain: PinnedAssertionChain;
  readonly told: ToldLie[] = [];
  readonly #answered = new Set<string>();
  /** Contract errors with which answers were refused. */
  readonly refusedAnswers: string[] = [];

  constructor(chain: PinnedAssertionChain) {
    this.chain = chain;
  }

  /** Asserts a batch. @throws RollupError L1_REJECTED with the contract's error. */
  async assert(built: BuiltAssertion, answer: AnswerStyle): Promise<ToldLie> {
    await this.chain.send({ type: 'assertBatch', submission: submissionOf(built) });
    const assertionId = await this.chain.pendingId(built.header.number);
    if (assertionId === undefined) throw new Error(`batch ${built.header.number} does not wait`);
    const lie = { assertionId, built, answer };
    this.told.push(lie);
    return lie;
  }

  /**
   * Answers every dispute of its batches once, in its way.
   *
   * @param nowSeconds time of L1. @returns how many answers L1 took.
   */
  async respond(nowSeconds: number): Promise<number> {
    const { answerWindowSeconds } = (await this.chain.connect())!;
    let count = 0;
    for (const lie of this.told) {
      const { assertionId, built, answer } = lie;
      const status = await this.chain.assertion(assertionId);
      if (!status.isPending || answer.when === 'never') continue;
      for (const chunk of built.claims.keys()) {
        const { firstDisputeAt, answeredAt } = await this.chain.chunkDisputes(assertionId, chunk);
        if (firstDisputeAt === 0 || answeredAt > 0 || this.#answered.has(`${assertionId}/${chunk}`)) continue;
        if (answer.when === 'late' && nowSeconds <= firstDisputeAt + answerWindowSeconds) continue;
        this.#answered.add(`${assertionId}/${chunk}`);
        if (await this.#answer(lie, chunk, answer.commitments(built, chunk))) count += 1;
      }
    }
    return count;
  }

  async #answer({ assertionId, built }: ToldLie, chunk: number, commitments: readonly Bytes32[]): Promise<boolean> {
    const { headerHash } = built;
    try {
      await this.chain.send({ type: 'answerDispute', assertionId, headerHash, chunk, commitments });
      return true;
    } catch (error) {
      if (!isRollupError(error) || error.code !== 'L1_REJECTED') throw error;
      this.refusedAnswers.push(String(error.data['error']));
      return false;
    }
  }
}
