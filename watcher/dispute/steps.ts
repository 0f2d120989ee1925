/** Prepares what a dispute needs: honest answers, commitments to steps, and step proofs. */

import { randomBytes } from 'node:crypto';
import type { AssertionReader, StepProof } from '@quittance/chain';
import {
  type BlobOpener,
  honestCommitments,
  type ProvableFault,
  type ReplayDeployment,
  stepEvidence,
} from '@quittance/derivation';
import {
  assertionContent,
  type Bytes32,
  type Crypto,
  type Deployment,
  isSameAddress,
  stepProofCommitment,
} from '@quittance/protocol';
import type { Clock } from '../../runtime/index.ts';
import type { Submissions } from '../replay/submissions.ts';
import type { CommittedStep } from '../store/journal.ts';
import type { WatcherStore } from '../store/store.ts';
import { createLocator, outdated, type StepView } from './locate.ts';
import type { CommitmentPhase } from './phases.ts';

/** Prepares answers and proofs. Every method throws RollupError MOVE_OUTDATED for what is not replayed or not answered. */
export interface StepPreparer {
  /** Sets the view of L1 that steps are prepared on. */
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
  /** Opens blobs for step proofs. */
  readonly kzg: BlobOpener;
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

const systemSalt = (): Bytes32 => `0x${randomBytes(32).toString('hex')}`;

/** What `prover` announces about a step before it is proven. */
function commitmentTo(prover: string, assertionId: bigint, { chunk, slot, outcome }: ProvableFault, salt: Bytes32) {
  return stepProofCommitment({ prover, salt, assertionId, chunk, slot, outcome });
}

/** The announcement of exactly this step by this account, if there is one. */
function findAnnounced(
  steps: readonly CommittedStep[],
  account: string,
  assertionId: bigint,
  fault: ProvableFault,
): CommittedStep | undefined {
  return steps.find(
    ({ prover, salt, commitment }) =>
      isSameAddress(prover, account) && commitment === commitmentTo(account, assertionId, fault, salt),
  );
}

/** A step preparer for one account. */
export function createStepPreparer(options: StepOptions): StepPreparer {
  const { crypto, kzg, deployment, replay, assertions, submissions, store, clock, account } = options;
  const { slotsPerChunk } = replay;
  const { randomSalt = systemSalt } = options;
  const locator = createLocator({ crypto, replay, assertions, submissions });

  /** The wrong step of a chunk, with our announcement of it. */
  async function announced(assertionId: bigint, chunk: number) {
    const found = await locator.locate(assertionId, chunk);
    const steps = store.journal.stepsOf(assertionId, found.assertion.headerHash, chunk);
    return { ...found, step: findAnnounced(steps, account, assertionId, found.fault) };
  }

  return {
    look: (view) => locator.look(view),
    async answer(assertionId, chunk) {
      const { assertion, submission, chain } = await locator.place(assertionId);
      const place = { submission, chunk };
      return chain.at(assertion.header.parentHash, (state) => honestCommitments(crypto, state, place, replay));
    },
    async commitment(assertionId, chunk) {
      const { assertion, fault, step } = await announced(assertionId, chunk);
      if (step !== undefined) return step.commitment;
      const salt = randomSalt();
      const created: CommittedStep = {
        commitment: commitmentTo(account, assertionId, fault, salt),
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
      return block <= locator.headNumber ? 'committed' : 'committing';
    },
    async proof(assertionId, chunk) {
      const { submission, answer, fault, step } = await announced(assertionId, chunk);
      if (step === undefined) throw outdated(assertionId, `no step of chunk ${chunk} was announced`);
      const { slot, before, witness } = fault;
      return {
        ...{ assertionId, chunk, slot, salt: step.salt },
        content: assertionContent(deployment, slotsPerChunk, submission),
        ...(await stepEvidence(kzg, submission, slotsPerChunk, fault)),
        commitments: answer,
        before,
        witness,
      };
    },
  };
}
