/** A node that follows: it answers reads from what it executed itself, and never accepts, proves, posts or defends anything. */

import { type BlockReference, onOneChain } from '@quittance/chain';
import { RollupError, type StoredHeader } from '@quittance/protocol';
import { createMetrics, silentLogger } from '../../runtime/index.ts';
import type { BatchRow, BatchState, Journal } from '../../storage/index.ts';
import { createLookupWriter } from '../batcher/lookup-writer.ts';
import { forgetUnverified } from '../batcher/unverified.ts';
import { createSequencerConfig } from '../config.ts';
import { batchRoom, type Optimistic, pendingContext, type SequencerContext } from '../context.ts';
import { createUnpostedCounter } from '../counters.ts';
import { createEventBus } from '../events.ts';
import { createFeed } from '../feed.ts';
import { createFeeAdvice } from '../fees/advice.ts';
import { createGauges } from '../gauges.ts';
import { createHalting } from '../halt.ts';
import { createL1Facts } from '../l1-facts.ts';
import type { LogWriter } from '../log-writer.ts';
import { createMeasurements } from '../measurements.ts';
import { progressOf } from '../progress.ts';
import { createBalanceWatch } from '../publisher/balance-watch.ts';
import { createFolding, foldThreshold } from '../publisher/folding.ts';
import { createPriceWatch } from '../publisher/price-watch.ts';
import { createQueries } from '../queries.ts';
import { noteDoubt } from '../reorg/doubt.ts';
import type { Sequencer, SequencerOptions, SyncStatus } from '../sequencer.ts';
import { checkData } from '../start/data.ts';
import { checkDeployment } from '../start/deployment.ts';
import { readLookups } from '../start/lookups.ts';
import { readOpen } from '../start/open.ts';
import { recover } from '../start/recover.ts';
import { createStatistics } from '../statistics.ts';
import { createWaitingAssertions } from '../waiting-assertions.ts';
import { createApplier, type Followed } from './apply.ts';
import { createFollowing, type Distance } from './follow.ts';
import { createFollowedLedger, type LedgerView } from './followed-ledger.ts';
import { createL1Follower } from './l1-follower.ts';

/** What a follower is made of: what a sequencer is, and the journal that it follows. Nothing is proven or sent. */
export interface ReplicaOptions extends Omit<SequencerOptions, 'prover'> {
  readonly journal: Journal;
}

/** A node that follows. What is submitted to it is refused with NOT_LEADER; whoever serves it forwards that. */
export interface Replica extends Sequencer {
  /**
   * Resolves when the database has all that the journal has now.
   *
   * @throws RollupError why it never will, or JOURNAL_UNAVAILABLE.
   */
  caughtUp(): Promise<void>;
  readonly distance: Distance;
}

/** A follower that had all of the journal this long ago is not ready: what it answers is old. */
export const BEHIND_AFTER_MS = 30_000;

const yieldToOthers = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Nothing comes into the log of a follower but what the journal has. */
const NO_WRITER: LogWriter = {
  get next(): never {
    throw notLeader();
  },
  append() {
    throw notLeader();
  },
  settled: () => undefined,
  ready: () => undefined,
};

function notLeader(): RollupError<'NOT_LEADER'> {
  return new RollupError('NOT_LEADER', 'this node follows and takes nothing; send it to the leader', { epoch: 0 });
}

/** @returns why what is read here is old, if it is. */
function behind(
  { journalHead, currentAtMs, trouble }: Distance,
  head: number,
  sinceMs: number,
): RollupError | undefined {
  if (sinceMs < BEHIND_AFTER_MS) return undefined;
  const seconds = Math.floor(sinceMs / 1_000);
  const why = trouble === undefined ? '' : `: ${trouble.message}`;
  const what = currentAtMs === undefined ? 'since it started' : 'since it last had all of the journal';
  const message = `this node is at entry ${head} of ${journalHead}, ${seconds} s ${what}${why}`;
  return new RollupError('REPLICA_BEHIND', message, { expected: journalHead, actual: head });
}

/** The terms of assertions, where the deployment has them: whatever the leader does, what waits on L1 is followed. */
async function optimisticOf({ assertions }: ReplicaOptions): Promise<Optimistic | undefined> {
  const terms = await assertions?.connect();
  return assertions === undefined || terms === undefined ? undefined : { assertions, terms };
}

/** What the parts share. @throws RollupError CONFIG_INVALID, DATABASE_FOREIGN or L1_UNREACHABLE. */
async function connect(options: ReplicaOptions, halt: SequencerContext['halt']) {
  const { storage, clock, crypto, logger = silentLogger, metrics = createMetrics() } = options;
  const config = createSequencerConfig(options.config);
  const { deploymentBlock: blockNumber, confirmations } = config;
  const chain = onOneChain(options.chain, { store: storage, blockNumber, confirmations });
  const constants = await chain.connect();
  const genesis = await checkDeployment(chain, storage, crypto, config, constants);
  const optimistic = await optimisticOf(options);
  const context: SequencerContext = {
    ...{ config, chain, constants, storage, clock, logger, crypto, halt, optimistic, writer: NO_WRITER },
    assertions: optimistic?.assertions,
    prover: undefined,
    ...checkData(config, constants, options),
    events: createEventBus((error) => logger.error('a listener failed', { error })),
    measurements: createMeasurements(metrics),
    statistics: createStatistics(clock),
  };
  return { context, genesis, metrics };
}

type Connected = Awaited<ReturnType<typeof connect>>;

/** The state in memory as the database has it, made anew by `restore`. */
async function createMemory(context: SequencerContext, genesis: StoredHeader) {
  const { storage, crypto, config, chain } = context;
  const deployment = { chainId: chain.chainId, contract: chain.contract };
  const load = async (): Promise<Followed> => {
    const { profile, operator } = config;
    const input = { storage, engine: crypto.engine, profile, deployment, genesis, isProven: false };
    const { state, parent } = await recover(input);
    const open = readOpen(storage);
    const now = () => pendingContext(context);
    return { ledger: createFollowedLedger({ room: batchRoom(context), state, open, operator, context: now }), parent };
  };
  let followed = await load();
  const ledger: LedgerView = {
    get state() {
      return followed.ledger.state;
    },
    get pending() {
      return followed.ledger.pending;
    },
    get directory() {
      return followed.ledger.directory;
    },
    get openTransferCount() {
      return followed.ledger.openTransferCount;
    },
  };
  return {
    deployment,
    /** Always of the present state. */
    ledger,
    followed: () => followed,
    async restore() {
      followed = await load();
    },
  };
}

/** What reads and followers of L1 need, wired but not started. */
async function createReplicaParts({ context, genesis }: Connected, journal: Journal) {
  const { config, chain, constants, storage, clock, logger, events, measurements, statistics, crypto, halt } = context;
  const memory = await createMemory(context, genesis);
  const { ledger } = memory;
  let l1Head = await chain.head();
  const prices = createPriceWatch(context);
  // It posts nothing, and will have to pay for all of it once it leads.
  const balance = createBalanceWatch(context);
  const l1Facts = await createL1Facts({ chain, logger, feeTokenIds: config.feeTokens.map(({ tokenId }) => tokenId) });
  const queries = createQueries({
    ...{ storage, ledger, genesis, engine: crypto.engine, hasher: crypto.hasher, domain: constants.domain },
  });
  let unposted = createUnpostedCounter(ledger, storage);
  const onState = (batch: BatchRow, state: BatchState): void => {
    unposted.add(batch, state);
    measurements.batches.set(batch.number, { state });
    if (state === 'final') {
      statistics.final(batch.transferCount);
      forgetUnverified(storage, batch.number);
    }
    events.emit('batch', { number: batch.number, state, transferCount: batch.transferCount });
    if (state === 'final') folding.wake();
  };
  const folding = createFolding(context, () => foldThreshold(ledger.state.accountCount));
  const lookups = createLookupWriter({ storage, pause: yieldToOthers, halt });
  const applier = createApplier({
    genesis,
    ...{ ...memory, context, pause: yieldToOthers },
    async restore() {
      await memory.restore();
      unposted = createUnpostedCounter(ledger, storage);
    },
    onSealed(number) {
      unposted.add(storage.batches.get(number)!, 'sealed');
      lookups.wake();
    },
  });
  const onHead = (head: BlockReference): void => {
    if (head.number !== l1Head.number) void Promise.all([prices.refresh(), balance.refresh(), l1Facts.refresh()]);
    l1Head = head;
  };
  const following = createFollowing({ storage, journal, applier, clock, logger, halt });
  return {
    ...{ ledger, prices, balance, l1Facts, queries, folding, lookups, following },
    unpostedCount: () => unposted.count(),
    feed: createFeed({ events, storage, history: queries.history }),
    l1: createL1Follower({ context, onState, onHead, readJournal: () => following.caughtUp() }),
    get l1Head() {
      return l1Head;
    },
  };
}

type ReplicaParts = Awaited<ReturnType<typeof createReplicaParts>>;

/** The status at this moment. @param startedMs when it began to follow. */
function statusOf(context: SequencerContext, parts: ReplicaParts, startedMs: number): Omit<SyncStatus, 'halted'> {
  const { storage, clock } = context;
  const { distance } = parts.following;
  const sinceMs = clock.nowMs() - (distance.currentAtMs ?? startedMs);
  return { ...progressOf(context, parts), trouble: behind(distance, storage.log.head().sequence, sinceMs) };
}

/**
 * Recovers from the database, and follows the journal from there on.
 *
 * @throws RollupError CONFIG_INVALID, DATABASE_DAMAGED, DATABASE_FOREIGN, L1_UNREACHABLE or L1_WRONG_CHAIN.
 */
export async function createReplica(options: ReplicaOptions): Promise<Replica> {
  const { storage, clock, journal, logger = silentLogger } = options;
  const halting = createHalting(logger);
  const connected = await connect(options, halting.halt);
  const { context, metrics } = connected;
  const { config, chain, constants, events, measurements, statistics } = context;
  // What this node doubted when it led: whoever leads now looks at L1 for all, and says in the journal what is taken back.
  noteDoubt(storage, undefined);
  await readLookups(context);
  const parts = await createReplicaParts(connected, journal);
  const { following, l1, ledger, queries, feed, l1Facts, prices, balance, folding, lookups } = parts;
  const startedMs = clock.nowMs();
  const stop = async (): Promise<void> => {
    for (const part of [following, l1.loop, folding, lookups]) await part.stop();
  };
  halting.onHalt(stop);
  const hasFeeAccount = (tokenId: number): boolean =>
    ledger.directory.find(config.operator.keyY, config.operator.owner, tokenId) !== undefined;
  const status = (): SyncStatus => ({ ...statusOf(context, parts, startedMs), halted: halting.reason });
  createGauges(metrics, { context, status, parts: { publisher: { unprovenCount: 0 }, intake: { waitingCount: 0 } } });
  void prices.refresh();
  void balance.refresh();
  for (const part of [following, l1.loop, folding]) part.start();
  const refuse = (): never => {
    throw notLeader();
  };
  let stopping: Promise<void> | undefined;
  return {
    suggestedFee: createFeeAdvice({ context, prices: () => prices.latest, hasFeeAccount }).suggestedFee,
    ...{ config, queries, events, feed, metrics, measurements, statistics, l1Facts, status },
    assertions: createWaitingAssertions(context, () => parts.l1Head.timestamp),
    ...{ domain: constants.domain, chainId: chain.chainId, contract: chain.contract },
    submit: async () => refuse(),
    submitAll: async (submissions) => submissions.map(() => ({ error: notLeader() })),
    sealNow: async () => refuse(),
    pollL1: () => l1.look(),
    caughtUp: async () => void (await following.caughtUp()),
    settled: () => undefined,
    node() {
      const head = storage.log.head().sequence;
      const { epoch, journalHead } = following.distance;
      return { role: 'replica', epoch, head, lag: Math.max(0, journalHead - head) };
    },
    get distance() {
      return following.distance;
    },
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}
