/** One world of the simulator: L1, a sequencer, watchers, wallets and those who lie, in one process on one clock. */

import { rmSync } from 'node:fs';
import type { AssertionSubmission } from '@quittance/chain';
import { domainOf, headerHash, isPassing, isRollupError, type RollupError } from '@quittance/protocol';
import type { Acknowledgement } from '../../../sequencer/index.ts';
import { createManualClock, type ManualClock } from '../manual-clock.ts';
import { createRandom, type Random } from '../property/random.ts';
import { Liar } from './actors/liar.ts';
import { SIM_PROFILE, SimNode } from './actors/node.ts';
import { Wallets } from './actors/wallets.ts';
import { Watchman } from './actors/watchman.ts';
import { L1 } from './cast.ts';
import { makeFolder } from './disk.ts';
import { createFaults, type Faults } from './faults.ts';
import { SimJournal } from './journal.ts';
import { Truths } from './l1/batches.ts';
import type { SimCall } from './l1/calls.ts';
import { SimChain } from './l1/chain.ts';
import { simGenesis } from './l1/contract.ts';
import { createStepJudge } from './l1/proofs.ts';
import type { ExecutionContext } from './ledger/execution.ts';
import { Mirror } from './ledger/mirror.ts';
import { createSignatures, type Signatures } from './ledger/signatures.ts';
import { Violation } from './ledger/violation.ts';
import { NO_SEAMS, type Seams, type Stage, type WorldSettings } from './stage.ts';

const START_SECONDS = 1_800_000_000;
const DEPLOYMENT = { chainId: 31_337n, contract: '0x00000000000000000000000000000000000f00d5' };

/** Most lines of a history that are kept. */
const MAX_HISTORY = 5_000;

export class World implements Stage {
  readonly random: Random;
  readonly clock: ManualClock;
  readonly settings: WorldSettings;
  readonly seams: Seams;
  readonly faults: Faults;
  readonly domain = domainOf(DEPLOYMENT);
  readonly signatures: Signatures = createSignatures();
  readonly context: ExecutionContext;
  readonly l1: SimChain;
  readonly nodes: readonly SimNode[];
  readonly journal: SimJournal | undefined;
  readonly wallets: Wallets;
  readonly liar: Liar;
  readonly challenger: Watchman;
  readonly defender: Watchman;
  /** A node's own, in their order. */
  readonly mirrors: readonly Mirror[];
  readonly history: string[] = [];
  /** By transaction id: the place in the log that the sender was told. */
  readonly acks = new Map<bigint, Acknowledgement>();
  /** Highest place in the log that anybody was told. */
  acknowledgedThrough = 0;
  readonly refusals = new Map<string, number>();
  /** What happened how often. */
  readonly counts = new Map<string, number>();
  /** What went wrong outside of a step. */
  failure: Violation | undefined;
  step = 0;
  /** Blocks from this one on were final for the node, and a deep reorg may have changed what stands in them. */
  takenBackFrom: number | undefined;
  readonly #folder = makeFolder();

  constructor(seed: string, seams: Seams = NO_SEAMS) {
    this.seams = seams;
    const random = createRandom(seed);
    this.random = random;
    this.clock = createManualClock(START_SECONDS * 1_000);
    const nodes = random.pick([1, 1, 3] as const);
    this.settings = {
      nodes,
      // Each account that asserts needs a watcher of its own that defends.
      mode: nodes === 3 ? 'zk' : random.pick(['zk', 'optimistic', 'hybrid'] as const),
      confirmations: random.pick([1, 2, 4, 8]),
      sealAfterMs: random.pick([5_000, 20_000, 60_000]),
      shadow: 0,
    };
    this.faults = createFaults(random, () => this.clock.nowMs(), this.count);
    this.context = { domain: this.domain, signatures: this.signatures };
    const genesis = simGenesis(START_SECONDS - 60);
    this.l1 = new SimChain(
      {
        ...{ profile: SIM_PROFILE, deployment: DEPLOYMENT, genesis, context: this.context },
        truths: new Truths(this.context, headerHash(genesis)),
        producers: new Set([L1.producer, ...L1.producers, L1.liar]),
        judgeStep: createStepJudge(this.context),
      },
      this.clock,
      random,
    );
    this.journal = nodes === 3 ? new SimJournal(this.clock) : undefined;
    const accounts = [L1.producer, ...L1.producers].slice(0, nodes);
    const chain: string[] = [];
    this.mirrors = accounts.map(() => new Mirror(this.context, [0n, 1n, 2n ** 32n, 2n ** 32n], chain));
    this.nodes = accounts.map((account, position) => new SimNode(this, this.#folder, `node ${position + 1}`, account));
    this.wallets = new Wallets(this);
    this.liar = new Liar(this);
    const watchman = { world: this, folder: this.#folder };
    this.challenger = new Watchman({ ...watchman, name: 'challenger', account: L1.challenger, mode: 'challenge' });
    this.defender = new Watchman({ ...watchman, name: 'defender', account: L1.producer, mode: 'defend' });
    this.note(
      `${nodes} nodes, mode ${this.settings.mode}, ${this.settings.confirmations} confirmations, sealed after ${this.settings.sealAfterMs} ms`,
    );
  }

  readonly note = (text: string): void => {
    if (this.history.length < MAX_HISTORY) {
      this.history.push(`${this.step} +${Math.floor(this.clock.nowMs() / 1_000) - START_SECONDS} s: ${text}`);
    }
  };

  /** Where wallets send: the node that leads, or the first that answers at all. */
  get node(): SimNode {
    return this.nodes.find(({ isLeading }) => isLeading) ?? this.nodes.find(({ isUp }) => isUp) ?? this.nodes[0]!;
  }

  readonly count = (what: string): void => {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  };

  readonly fail = (message: string): void => {
    this.failure ??= new Violation(message);
  };

  readonly acknowledged = (id: bigint, acknowledgement: Acknowledgement): void => {
    const known = this.acks.get(id);
    const { sequence } = acknowledgement;
    if (known !== undefined && known.sequence !== sequence) {
      this.fail(`transfer ${id} was acknowledged as entry ${known.sequence}, and as entry ${sequence} later`);
    }
    this.acks.set(id, acknowledgement);
    this.acknowledgedThrough = Math.max(this.acknowledgedThrough, sequence);
    this.count('acknowledged');
  };

  readonly refused = (code: string): void => {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  };

  onCrash(): void {
    this.count('crash');
  }

  /** What a process may end with: what passes by itself, and what the world did to it. */
  judgeFailure(error: unknown, what: string): void {
    if (SimNode.isDeath(error) || (isRollupError(error) && isPassing(error))) return;
    const { code = 'error', message } = error as RollupError;
    this.fail(`${what} ended with ${code}: ${message}`);
  }

  judgeWatcher(error: unknown, name: string): void {
    if (isRollupError(error) && isPassing(error)) return;
    const { code = 'error', message } = error as RollupError;
    this.fail(`the ${name} ended with ${code}: ${message}`);
  }

  /** Sends a transaction of an account, whatever becomes of it. */
  callAs(
    account: string,
    call: SimCall | { readonly type: 'assertBatch'; readonly submission: AssertionSubmission },
  ): void {
    const taken = new Set(this.l1.pool.filter(({ sender }) => sender === account).map(({ nonce }) => nonce));
    // The first that is free: what a reorg lost leaves one.
    let nonce = this.l1.nonceOf(account);
    while (taken.has(nonce)) nonce += 1;
    this.l1.offer(account, call, nonce, (outcome) => {
      this.count(`${call.type} ${outcome instanceof Error ? 'refused' : 'included'}`);
    });
  }

  userCall(call: SimCall): void {
    this.callAs(L1.user, call);
  }

  /** Lets the world go on until a promise settles. */
  async during(work: Promise<unknown>): Promise<void> {
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    work.then(end, end);
    for (let turn = 0; turn < 200 && !isOver; turn++) await this.clock.advance(100);
    if (!isOver) this.fail('something that ends by itself did not');
  }

  close(): void {
    for (const node of this.nodes) node.crash(0);
    this.challenger.crash();
    this.defender.crash();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
