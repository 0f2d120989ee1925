/**
 * Where the adversary meets the real services: contracts on an L1 in memory, an honest producer with a watcher that
 * defends it, a watcher that challenges, and somebody who lies. The proofs are the Groth16 simulator's.
 */

import { PROFILES, type RecordData } from '@quittance/protocol';
import { chooseCrypto } from '../../../cli/crypto.ts';
import type { Watcher, WatchReport } from '../../../watcher/index.ts';
import {
  type DeployedOptimistic,
  type DeploymentOptions,
  deployOptimistic,
  latestTime,
} from '../contracts/deployment.ts';
import { connectedTo, type RollupContract } from '../contracts/types.ts';
import type { BuiltAssertion, Tip } from '../optimistic/asserted-batch.ts';
import type { ChunkScript } from '../optimistic/claimed-chunk.ts';
import { seedState } from '../optimistic/fixture.ts';
import { HOLDERS } from '../optimistic/lie-scene.ts';
import type { Holder } from '../optimistic/slot-scripts.ts';
import { chainOf, watch } from '../watcher/watch.ts';
import { type ArenaData, createArenaData, type DataPlace } from './arena-data.ts';
import { type Cast, castIn } from './cast.ts';
import { type Cost, costOf } from './costs.ts';
import { createArenaState, createLeaver, depositRecord, exitRecord, honestChunks } from './honest-batch.ts';
import { LyingSequencer } from './lying-sequencer.ts';

const { slotsPerChunk, maxChunks } = PROFILES.quick;
const DEPOSIT = 70n;

/** A batch of the honest producer. */
export interface HonestBatch {
  readonly assertionId: bigint;
  readonly built: BuiltAssertion;
  readonly assertedAt: number;
}

/** One rollup with everybody on it. */
export class Arena {
  readonly world: DeployedOptimistic;
  readonly leaver: Holder;
  readonly liar: LyingSequencer;
  readonly challenger: Watcher;
  readonly defender: Watcher;
  readonly cast: Cast;
  /** Where the data of all batches goes. */
  readonly data: ArenaData;
  readonly honest: HonestBatch[] = [];
  /** All operations ever asked for. */
  readonly queue: RecordData[] = [];
  /** Honest batches that a report called wrong or on which the challenger staked a bond. */
  readonly accused = new Set<bigint>();
  #tip: Tip;

  private constructor(
    world: DeployedOptimistic,
    tip: Tip,
    services: Pick<Arena, 'leaver' | 'liar' | 'challenger' | 'defender' | 'cast' | 'data'>,
  ) {
    this.world = world;
    this.#tip = tip;
    this.leaver = services.leaver;
    this.liar = services.liar;
    this.challenger = services.challenger;
    this.defender = services.defender;
    this.cast = services.cast;
    this.data = services.data;
  }

  /** Deploys, and starts the services. */
  static async open(options: DeploymentOptions = {}, place: DataPlace = 'calldata'): Promise<Arena> {
    const blobsAllowed = place === 'blobs';
    const world = await deployOptimistic({ slotsPerChunk, maxChunks, blobsAllowed, ...options });
    const data = createArenaData(place);
    const cast = await castIn(world);
    const leaver = createLeaver(await cast.leaver.getAddress());
    const tip = await seedState(world, createArenaState(leaver));
    const crypto = chooseCrypto();
    const sources = await data.sources();
    const challenger = await watch(world, tip, { mode: 'challenge', signer: world.bob, crypto, ...sources });
    const defender = await watch(world, tip, { mode: 'defend', signer: world.producer, crypto, ...sources });
    const liar = await LyingSequencer.open(await chainOf(world, cast.liar));
    return new Arena(world, tip, { leaver, liar, challenger, defender, cast, data });
  }

  /** What honest producers build on. */
  get tip(): Tip {
    return this.#tip;
  }

  /** Operations that the honest chain has not executed. */
  get operations(): readonly RecordData[] {
    return this.queue.slice(this.#tip.header.priorityCount);
  }

  /** Somebody deposits and leaves, and a stranger wants to take Alice's account away. */
  async request(): Promise<void> {
    const { rollup, parameters } = this.world;
    const { leaver, stranger } = this.cast;
    const { priorityFee } = parameters;
    const own = connectedTo(rollup, leaver) as RollupContract;
    const { keyPair, index, owner } = this.leaver;
    const value = priorityFee + DEPOSIT;
    await own.deposit(0, DEPOSIT, keyPair.publicKey.y, await leaver.getAddress(), { value });
    await own.requestExit(index, 0, { value: priorityFee });
    const { alice } = HOLDERS;
    await (connectedTo(rollup, stranger) as RollupContract).requestExit(alice.index, 0, { value: priorityFee });
    const strangeExit = exitRecord(alice.index, BigInt(await stranger.getAddress()));
    this.queue.push(depositRecord(this.leaver, DEPOSIT), exitRecord(index, owner), strangeExit);
  }

  /** The honest producer asserts a batch that executes the queue, by default at the time of the last block. */
  async assertHonest(
    chunks: readonly ChunkScript[] = honestChunks(this.operations, this.leaver),
    time?: number,
  ): Promise<HonestBatch> {
    const built = await this.data.build(this.world, this.#tip, chunks, time);
    if (built.isLie) throw new Error(`the honest batch ${built.header.number} lies`);
    const assertionId = await this.data.assert(this.world, built, this.world.producer);
    const batch = { assertionId, built, assertedAt: await latestTime(this.world) };
    this.honest.push(batch);
    this.#tip = built;
    return batch;
  }

  /** One look of the challenging watcher; accusations of honest batches are kept. */
  async challenge(): Promise<WatchReport> {
    const report = await this.challenger.poll();
    const honest = new Set(this.honest.map(({ assertionId }) => assertionId));
    for (const { assertionId, verdict } of report.waiting) {
      if (honest.has(assertionId) && verdict === 'wrong') this.accused.add(assertionId);
    }
    for (const { assertionId, isDisputedByUs } of report.chunks) {
      if (honest.has(assertionId) && isDisputedByUs) this.accused.add(assertionId);
    }
    return report;
  }

  /** Time goes by on L1. */
  async pass(seconds: number): Promise<void> {
    await this.world.l1.networkHelpers.time.increase(seconds);
  }

  now(): Promise<number> {
    return latestTime(this.world);
  }

  blockNumber(): Promise<number> {
    return this.world.ethers.provider.getBlockNumber();
  }

  /** Transactions of an account in the blocks after `block`. */
  costOf(account: string, block: number): Promise<Cost> {
    return costOf(this.world, account, block);
  }

  /** Gas of the transaction that asserted a batch. */
  async assertionGas({ assertionId }: HonestBatch): Promise<number> {
    const { assertions, ethers } = this.world;
    const [event] = await assertions.queryFilter(assertions.filters['BatchAsserted']!(assertionId));
    return Number((await ethers.provider.getTransactionReceipt(event!.transactionHash))!.gasUsed);
  }

  /** Lets all honest batches become final. @returns which did not, or were accused on the way. */
  async settleHonest(): Promise<readonly HonestBatch[]> {
    const { challengePeriod, answerWindow, stepWindow } = this.world.optimistic;
    await this.pass(challengePeriod + answerWindow + stepWindow + 1);
    for (let looks = 0; looks < 4; looks += 1) {
      const { actions } = await this.defender.poll();
      if (actions.length === 0) break;
    }
    await this.challenge();
    const harmed: HonestBatch[] = [];
    for (const batch of this.honest) {
      const { headerHash, header } = batch.built;
      const final = await this.world.rollup.headerHash(header.number);
      if (final !== headerHash || this.accused.has(batch.assertionId)) harmed.push(batch);
    }
    return harmed;
  }
}
