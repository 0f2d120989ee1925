/** Prepares what disputes are led with: honest answers, commitments to steps, and their proofs. */

import { randomBytes } from 'node:crypto';
import type { AssertionReader, StepProof } from '../../chain/index.ts';
import { honestCommitments, locateFault, type ProvableFault, type ReplayDeployment } from '../../derivation/index.ts';
import {
  assertionContent,
  type Bytes32,
  type Crypto,
  type Deployment,
  RollupError,
  stepProofCommitment,
} from '../../protocol/index.ts';
import type { Clock } from '../../runtime/index.ts';
import { isSameAccount, type L1Model } from '../follow/model.ts';
import type { StateChain } from '../replay/state-chain.ts';
import { isAssertion, type Submissions } from '../replay/submissions.ts';
import type { CommittedStep } from '../store/journal.ts';
import type { WatcherStore } from '../store/store.ts';
import type { CommitmentPhase } from './phases.ts';

/** What steps are prepared from, at one look at L1. */
export interface StepView {
  readonly chain: StateChain;
  readonly model: L1Model;
  readonly headNumber: number;
}

/** Prepares answers and proofs. Every method throws RollupError NOT_FOUND for what is not replayed or not answered. */
export interface StepPreparer {
  /** From now on this is what L1 looks like. */
  look(view: StepView): void;
  /** The true states between the records: what an asserter answers. */
  answer(assertionId: bigint, chunk: number): Promise<readonly Bytes32[]>;
  /** What to announce before the step is proven. Its salt is on disk when this returns. */
  commitment(assertionId: bigint, chunk: number): Promise<Bytes32>;
  /** Where that announcement stands on L1. */
  commitmentPhase(assertionId: bigint, chunk: number): Promise<CommitmentPhase>;
  proof(assertionId: bigint, chunk: number): Promise<StepProof>;
}

export interface StepOptions {
  readonly crypto: Crypto;
  readonly deployment: Deployment;
  readonly replay: ReplayDeployment;
  readonly assertions: AssertionReader;
  readonly submissions: Submissions;
  readonly store: WatcherStore;
  readonly clock: Clock;
  /** Our account: a commitment names who will prove. */
  readonly account: string;
  /** 32 bytes that nobody can guess; from the system when absent. */
  readonly randomSalt?: () => Bytes32;
}

/** Wrong steps that are remembered: those of all chunks of a few batches. */
const MAX_LOCATED = 64;

const systemSalt = (): Bytes32 => `0x${randomBytes(32).toString('hex')}`;

/** A step preparer for one account. */
export function createStepPreparer(options: StepOptions): StepPreparer {
  const {
    crypto,
    deployment,
    replay,
    assertions,
    submissions,
    store,
    clock,
    account,
    randomSalt = systemSalt,
  } = options;
  let view: StepView | undefined;
  const located = new Map<string, ProvableFault>();

  async function place(assertionId: bigint, chunk: number) {
    const assertion = view?.model.assertions.get(assertionId);
    const parent = assertion && view!.chain.headerOf(assertion.header.parentHash);
    if (assertion === undefined || parent === undefined) {
      throw new RollupError('NOT_FOUND', `assertion ${assertionId} is not replayed at present`, { assertionId });
    }
    const status = await assertions.assertion(assertionId);
    const submission = await submissions.ofAssertion(assertion, status, parent);
    if (!isAssertion(submission)) {
      throw new RollupError('NOT_FOUND', `batch ${assertion.header.number} was proven: it has no disputes`, { chunk });
    }
    return { assertion, submission, chain: view!.chain };
  }

  async function locate(assertionId: bigint, chunk: number) {
    const { assertion, submission, chain } = await place(assertionId, chunk);
    const answer = view!.model.answerOf(assertionId, chunk);
    if (answer === undefined) {
      throw new RollupError('NOT_FOUND', `chunk ${chunk} of assertion ${assertionId} is not answered`, { chunk });
    }
    const key = `${assertionId}:${assertion.headerHash}:${chunk}:${answer.join('')}`;
    let fault = located.get(key);
    if (fault === undefined) {
      fault = chain.at(assertion.header.parentHash, (state) =>
        locateFault(crypto, state, { submission, chunk }, answer, replay),
      );
      if (fault === undefined) {
        throw new RollupError('NOT_FOUND', `chunk ${chunk} of assertion ${assertionId} is answered rightly`, { chunk });
      }
      if (located.size >= MAX_LOCATED) located.clear(); // they are located again
      located.set(key, fault);
    }
    return { assertion, submission, answer, fault };
  }

  const commitmentTo = (assertionId: bigint, { chunk, slot, outcome }: ProvableFault, salt: Bytes32): Bytes32 =>
    stepProofCommitment({ prover: account, salt, assertionId, chunk, slot, outcome });

  /** Our announcement of exactly this step, if there is one. */
  async function announced(assertionId: bigint, chunk: number) {
    const found = await locate(assertionId, chunk);
    const { assertion, fault } = found;
    const step = store.journal
      .stepsOf(assertionId, assertion.headerHash, chunk)
      .find(
        ({ prover, salt, commitment }) =>
          isSameAccount(prover, account) && commitment === commitmentTo(assertionId, fault, salt),
      );
    return { ...found, step };
  }

  return {
    look(next) {
      view = next;
    },
    async answer(assertionId, chunk) {
      const { assertion, submission, chain } = await place(assertionId, chunk);
      return chain.at(assertion.header.parentHash, (state) =>
        honestCommitments(crypto, state, { submission, chunk }, replay),
      );
    },
    async commitment(assertionId, chunk) {
      const { assertion, fault, step } = await announced(assertionId, chunk);
      if (step !== undefined) return step.commitment;
      const salt = randomSalt();
      const created: CommittedStep = {
        commitment: commitmentTo(assertionId, fault, salt),
        assertionId,
        headerHash: assertion.headerHash,
        chunk,
        slot: fault.slot,
        prover: account,
        salt,
      };
      store.commit(() => store.journal.putStep(created, clock.nowMs()));
      return created.commitment;
    },
    async commitmentPhase(assertionId, chunk) {
      const { step } = await announced(assertionId, chunk);
      const block = step === undefined ? 0 : await assertions.stepCommittedAt(step.commitment);
      if (block === 0) return 'none';
      return block <= view!.headNumber ? 'committed' : 'committing';
    },
    async proof(assertionId, chunk) {
      const { submission, answer, fault, step } = await announced(assertionId, chunk);
      if (step === undefined) throw new RollupError('NOT_FOUND', `no step of chunk ${chunk} was announced`, { chunk });
      const { slot, before, witness } = fault;
      return {
        assertionId,
        chunk,
        slot,
        salt: step.salt,
        content: assertionContent(deployment, replay.slotsPerChunk, submission),
        data: submission.chunks[chunk]!,
        authorizations: submission.authorizations[chunk]!,
        commitments: answer,
        before,
        witness,
      };
    },
  };
}
