/** Plays optimistic mode on L1 and in the model at once: each call must succeed on L1 exactly when the model takes it. */

import assert from 'node:assert/strict';
import { headerHash } from '@quittance/protocol';
import type { ContractTransactionResponse } from 'ethers';
import { type DeployedOptimistic, latestTime } from '../contracts/deployment.ts';
import type { TokenContract } from '../contracts/types.ts';
import type { BuiltAssertion, Tip } from '../optimistic/asserted-batch.ts';
import * as calls from '../optimistic/calls.ts';
import { RandomBatches } from '../optimistic/random-batches.ts';
import { commitmentTo, createStepProof } from '../optimistic/step-proof.ts';
import type { Random } from '../property/random.ts';
import type { Person } from '../rollup/person.ts';
import { AssertionsModel, type ModelAssertion, type ModelDispute } from './model.ts';
import { RollupLedger } from './rollup-ledger.ts';

type Signer = DeployedOptimistic['producer'];

/** What a play is played with. */
export interface Cast {
  readonly world: DeployedOptimistic;
  readonly random: Random;
  readonly people: readonly Person[];
  /** The token with id 1. */
  readonly token: TokenContract;
}

export class AssertionsPlay {
  readonly cast: Cast;
  readonly world: DeployedOptimistic;
  readonly random: Random;
  readonly model: AssertionsModel;
  readonly ledger: RollupLedger;
  readonly #batches: RandomBatches;
  /** How often each call was taken and refused. */
  readonly tally = new Map<string, { taken: number; refused: number }>();
  /** What was called last, for the message of a failure. */
  last = 'nothing';
  /** Of the last call. */
  time: number;

  private constructor(cast: Cast, time: number) {
    const { world, random, people } = cast;
    this.cast = cast;
    this.world = world;
    this.random = random;
    this.time = time;
    const { priorityFee, priorityDelay } = world.parameters;
    this.ledger = new RollupLedger(world.genesis, BigInt(priorityFee), priorityDelay);
    this.model = new AssertionsModel(world.optimistic, [headerHash(world.genesis)]);
    this.#batches = new RandomBatches(random, people, world.parameters, this.ledger.queue);
  }

  static async create(cast: Cast): Promise<AssertionsPlay> {
    return new AssertionsPlay(cast, await latestTime(cast.world));
  }

  /** What the next batch is built on. */
  get tip(): Tip {
    return this.model.waiting.at(-1)?.built ?? this.ledger.tip;
  }

  build(tip: Tip, isLie = false): Promise<BuiltAssertion> {
    const scripts = isLie ? this.#batches.lying(tip, this.time) : this.#batches.honest(tip, this.time);
    return calls.buildOn(this.world, tip, scripts, this.time);
  }

  /** Sends at the next second; L1 and the model must agree on whether it is taken. */
  async agree(
    what: string,
    isTaken: (now: number) => boolean,
    send: () => Promise<ContractTransactionResponse>,
  ): Promise<boolean> {
    this.time += 1;
    this.last = what;
    const expected = isTaken(this.time);
    await calls.at(this.world, this.time);
    const refusal = await send().then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    if (refusal !== undefined && !/revert/i.test(refusal.message)) throw refusal;
    const found = refusal === undefined ? 'taken' : `refused: ${refusal.message}`;
    assert.equal(refusal === undefined, expected, `${what} at ${this.time} was ${found}`);
    const [name] = what.split(' ');
    const counts = this.tally.get(name!) ?? { taken: 0, refused: 0 };
    counts[expected ? 'taken' : 'refused'] += 1;
    this.tally.set(name!, counts);
    return expected;
  }

  assertBatch(built: BuiltAssertion, signer: Signer): Promise<boolean> {
    return this.agree(
      `assertBatch ${built.header.number}`,
      (now) => this.model.assertBatch(built, signer.address, now, false),
      () => calls.sendAssertion(this.world, built, { signer }),
    );
  }

  /** `submitBatch` of Assertions, on a waiting parent. */
  submitProven(built: BuiltAssertion, signer: Signer): Promise<boolean> {
    return this.agree(
      `submitProven ${built.header.number}`,
      (now) => this.model.assertBatch(built, signer.address, now, true),
      () => calls.sendProven(this.world, built, signer),
    );
  }

  /** `submitBatch` of the rollup, on the last final parent. */
  async submitFinal(built: BuiltAssertion, signer: Signer): Promise<void> {
    const isTaken = await this.agree(
      `submitFinal ${built.header.number}`,
      () => this.model.submitFinal(built, signer.address),
      () => calls.submitFinal(this.world, built, signer),
    );
    if (isTaken) this.ledger.becomeFinal(built, signer.address, this.time);
  }

  submitProofs(assertion: ModelAssertion, first: number, count: number): Promise<boolean> {
    const { id, built } = assertion;
    return this.agree(
      `submitProofs ${id}/${first}`,
      () => this.model.submitProofs(assertion, first, count),
      () => calls.sendProofs(this.world, id, built, first, count),
    );
  }

  /** Of as many as wait, at most. No lie becomes final. */
  async finalizeBatches(most: number): Promise<void> {
    const batches = this.model.waiting.slice(0, most).map(({ built }) => built);
    let final: ModelAssertion[] | undefined;
    await this.agree(
      `finalizeBatches of ${batches.length}`,
      (now) => {
        final = this.model.finalizeBatches(batches.length, now);
        return final !== undefined;
      },
      () => calls.finalize(this.world, ...batches),
    );
    for (const { built, asserter } of final ?? []) {
      assert.ok(!built.isLie, `batch ${built.header.number} is final and a lie`);
      this.ledger.becomeFinal(built, asserter, this.time);
    }
  }

  openDispute(assertion: ModelAssertion, chunk: number, signer: Signer): Promise<boolean> {
    return this.agree(
      `openDispute ${assertion.id}/${chunk}`,
      (now) => this.model.openDispute(assertion, chunk, signer.address, now),
      () => calls.sendDispute(this.world, assertion.id, assertion.built, chunk, { signer }),
    );
  }

  answerDispute(assertion: ModelAssertion, chunk: number, signer: Signer): Promise<boolean> {
    return this.agree(
      `answerDispute ${assertion.id}/${chunk}`,
      (now) => this.model.answerDispute(assertion, chunk, signer.address, now),
      () => calls.sendAnswer(this.world, assertion.id, assertion.built, chunk, { signer }),
    );
  }

  rejectUnanswered(assertion: ModelAssertion, chunk: number): Promise<boolean> {
    return this.agree(
      `rejectUnanswered ${assertion.id}/${chunk}`,
      (now) => this.model.rejectUnanswered(assertion, chunk, now),
      () => calls.assertionsBy(this.world, this.world.alice).rejectUnanswered(assertion.id, chunk),
    );
  }

  /** Commits to the step, then proves it: two calls. */
  async proveStep(assertion: ModelAssertion, chunk: number, slot: number, signer: Signer): Promise<boolean> {
    const { id, built } = assertion;
    const salt = `0x${this.random.bits(255).toString(16).padStart(64, '0')}`;
    const proof = { ...createStepProof(built, { assertionId: id, chunk, slot }), salt };
    await this.agree(
      'commitStep',
      () => true,
      () => calls.assertionsBy(this.world, signer).commitStep(commitmentTo(built, proof, signer.address)),
    );
    const { isFraud } = built.claims[chunk]!.slots[slot]!;
    return this.agree(
      `proveStep ${id}/${chunk}/${slot}`,
      () => this.model.proveStep(assertion, chunk, isFraud, signer.address),
      () => calls.sendStepProof(this.world, proof, signer),
    );
  }

  settleDispute(dispute: ModelDispute): Promise<boolean> {
    return this.agree(
      `settleDispute ${dispute.id}`,
      (now) => this.model.settleDispute(dispute, now),
      () => this.world.assertions.settleDispute(dispute.id),
    );
  }

  releaseBond(assertion: ModelAssertion): Promise<boolean> {
    return this.agree(
      `releaseBond ${assertion.id}`,
      () => this.model.releaseBond(assertion),
      () => this.world.assertions.releaseBond(assertion.id),
    );
  }

  collectCredit(signer: Signer): Promise<boolean> {
    return this.agree(
      'collectCredit',
      () => this.model.collectCredit(signer.address) > 0n,
      () => calls.assertionsBy(this.world, signer).collectCredit(signer.address),
    );
  }

  activateExodus(): Promise<boolean> {
    const { rollup, parameters } = this.world;
    const { oldest, tip } = this.ledger;
    return this.agree(
      'activateExodus',
      (now) => {
        const isDue = oldest !== undefined && now > oldest.deadline + parameters.exodusDelay;
        return this.model.activateExodus(isDue, now);
      },
      () => rollup.activateExodus(tip.header),
    );
  }
}
