/** Finds the step in which an answer is wrong, on the state before its chunk. */

import type { AssertionReader, AssertionSubmission, WithBlobs } from '@quittance/chain';
import { locateFault, type ProvableFault, type ReplayDeployment } from '@quittance/derivation';
import { type Bytes32, type Crypto, RollupError } from '@quittance/protocol';
import type { KnownAssertion, L1Model } from '../follow/model.ts';
import type { StateChain } from '../replay/state-chain.ts';
import { isAssertion, type Submissions } from '../replay/submissions.ts';

/** The view of L1 that steps are located on. */
export interface StepView {
  readonly chain: StateChain;
  readonly model: L1Model;
  readonly headNumber: number;
}

/** A disputed assertion with its data and the states it is based on. */
export interface DisputedPlace {
  readonly assertion: KnownAssertion;
  readonly submission: WithBlobs<AssertionSubmission>;
  readonly chain: StateChain;
}

/** A wrong step of an answered chunk. */
export interface LocatedStep extends Omit<DisputedPlace, 'chain'> {
  readonly answer: readonly Bytes32[];
  readonly fault: ProvableFault;
}

/** Finds wrong steps. Methods throw RollupError MOVE_OUTDATED for what is not replayed, not answered or not wrong. */
export interface Locator {
  /** Sets the view of L1 that steps are located on. */
  look(view: StepView): void;
  /** Of the newest block; 0 before the first look. */
  readonly headNumber: number;
  place(assertionId: bigint): Promise<DisputedPlace>;
  locate(assertionId: bigint, chunk: number): Promise<LocatedStep>;
}

export interface LocatorOptions {
  readonly crypto: Crypto;
  readonly replay: ReplayDeployment;
  readonly assertions: AssertionReader;
  readonly submissions: Submissions;
}

/** Wrong steps kept in memory: those of all chunks of a few batches. */
const MAX_LOCATED = 64;

/** The error for a move whose assertion changed after it was planned. */
export function outdated(assertionId: bigint, why: string): RollupError<'MOVE_OUTDATED'> {
  return new RollupError('MOVE_OUTDATED', `nothing can be done about assertion ${assertionId}: ${why}`, {
    assertionId,
  });
}

/** A locator without a view yet. */
export function createLocator({ crypto, replay, assertions, submissions }: LocatorOptions): Locator {
  let view: StepView | undefined;
  const located = new Map<string, ProvableFault>();

  async function place(assertionId: bigint): Promise<DisputedPlace> {
    const assertion = view?.model.assertions.get(assertionId);
    const parent = assertion && view!.chain.headerOf(assertion.header.parentHash);
    if (assertion === undefined || parent === undefined) {
      throw outdated(assertionId, 'it is not replayed at present');
    }
    const status = await assertions.assertion(assertionId);
    const submission = await submissions.ofAssertion(assertion, status, parent);
    if (!isAssertion(submission)) {
      throw outdated(assertionId, 'it was proven, and has no disputes');
    }
    return { assertion, submission, chain: view!.chain };
  }

  return {
    look(next) {
      view = next;
    },
    get headNumber() {
      return view?.headNumber ?? 0;
    },
    place,
    async locate(assertionId, chunk) {
      const { assertion, submission, chain } = await place(assertionId);
      const answer = view!.model.answerOf(assertionId, chunk);
      if (answer === undefined) {
        throw outdated(assertionId, `chunk ${chunk} is not answered`);
      }
      const key = `${assertionId}:${assertion.headerHash}:${chunk}:${answer.join('')}`;
      let fault = located.get(key);
      if (fault === undefined) {
        fault = chain.at(assertion.header.parentHash, (state) =>
          locateFault(crypto, state, { submission, chunk }, answer, replay),
        );
        if (fault === undefined) throw outdated(assertionId, `chunk ${chunk} is right, and so is its answer`);
        if (located.size >= MAX_LOCATED) located.clear(); // they are located again
        located.set(key, fault);
      }
      return { assertion, submission, answer, fault };
    },
  };
}
