/** The sequencer as a whole: recovers, starts its parts, stops them. */

import { type AssertionChain, type Kzg, onOneChain, type RollupChain } from '@quittance/chain';
import type { KeyPair, RollupError } from '@quittance/protocol';
import { type Clock, createMetrics, type Logger, type Metrics, silentLogger } from '../runtime/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Sealer } from './batcher/sealer.ts';
import { createSequencerConfig, type SequencerConfig, type SequencerSettings } from './config.ts';
import type { SequencerContext } from './context.ts';
import { createEventBus, type EventBus } from './events.ts';
import { createFeed, type Feed } from './feed.ts';
import type { Fleet } from './fleet/fleet.ts';
import { createPayer } from './fleet/rewards/payer.ts';
import { createPurse } from './fleet/rewards/purse.ts';
import { createGauges, type GaugeOptions } from './gauges.ts';
import { createHalting, type Halting, isReadable, readOnly } from './halt.ts';
import { createL1Facts, type L1Facts } from './l1-facts.ts';
import { createLocalLogWriter, type LogWriter } from './log-writer.ts';
import { createMeasurements, type SequencerMeasurements } from './measurements.ts';
import type { Submission } from './mempool/request.ts';
import { findTakenBack } from './mempool/taken-back.ts';
import type { Source } from './mempool/turns.ts';
import { createParts, type Parts, type PartsOptions } from './parts.ts';
import { type Progress, progressOf } from './progress.ts';
import { measureActions, measureSubmissions } from './publisher/spending.ts';
import { createQueries, type Queries } from './queries.ts';
import { type Doubt, doubtError } from './reorg/doubt.ts';
import { takeBack } from './reorg/take-back.ts';
import { createRuns, type Run, type Runs } from './runs.ts';
import { checkData } from './start/data.ts';
import { checkDeployment } from './start/deployment.ts';
import { checkMode } from './start/mode.ts';
import { prepareStart } from './start/prepare.ts';
import { createStatistics, type Statistics } from './statistics.ts';
import type { Acknowledgement, Answer, ProofVerifier, SequencerCrypto } from './types.ts';
import { createWaitingAssertions, type WaitingAssertions } from './waiting-assertions.ts';

/** What a sequencer is made of. */
export interface SequencerOptions {
  readonly config: SequencerSettings;
  readonly chain: RollupChain;
  /** Needed in modes optimistic and hybrid. */
  readonly assertions?: AssertionChain;
  /** Needed in modes zk and hybrid; with a fleet it need not prove itself. */
  readonly prover?: ProofVerifier;
  /** Other machines that prove. */
  readonly fleet?: Fleet;
  /** The operator's key, which signs what provers are paid. */
  readonly payoutKey?: KeyPair;
  /** Needed where data may be in blobs. */
  readonly kzg?: Kzg;
  readonly storage: Storage;
  /** What appends to the log of `storage`; to that alone if not given. */
  readonly writer?: LogWriter;
  readonly clock: Clock;
  readonly crypto: SequencerCrypto;
  readonly logger?: Logger;
  readonly metrics?: Metrics;
  /** Of its term, where it leads others. */
  readonly epoch?: number;
}

/** How far everything has come, and what is in the way. */
export interface SyncStatus extends Progress {
  /** Why posting fails, or transfers are refused, at present, if so. */
  readonly trouble: RollupError | undefined;
  /** Why nothing is accepted or posted any more, if it has stopped. */
  readonly halted: RollupError | undefined;
}

/** What this node is among others, and how far it is; a single machine leads in epoch 0. */
export interface NodeStatus {
  readonly role: 'leader' | 'replica';
  /** That of the leader's term; on a replica, of the last entry that it applied. */
  readonly epoch: number;
  /** Sequence of the last entry of its log. */
  readonly head: number;
  /** Entries that it knows of and does not have yet. */
  readonly lag: number;
}

/** A running sequencer. */
export interface Sequencer {
  readonly config: SequencerConfig;
  readonly queries: Queries;
  readonly events: EventBus;
  readonly feed: Feed;
  readonly metrics: Metrics;
  readonly measurements: SequencerMeasurements;
  readonly statistics: Pick<Statistics, 'read'>;
  readonly assertions: WaitingAssertions;
  readonly domain: bigint;
  readonly chainId: bigint;
  readonly contract: string;
  /** What wallets ask about the deployment. */
  readonly l1Facts: L1Facts;
  /** What a transfer in a token should pay now. @throws RollupError NOT_FOUND for a token without fees. */
  suggestedFee(tokenId: number): bigint;
  /** Resolves when the transfer is on disk. @throws RollupError with the reason why it is refused; READ_ONLY after a halt. */
  submit(submission: Submission, source?: Source): Promise<Acknowledgement>;
  /** Submits several, each on its own: what becomes of each, in order. Never rejects. */
  submitAll(submissions: readonly Submission[], source?: Source): Promise<Answer[]>;
  /** Seals what was accepted so far, without waiting for the time limit. @throws RollupError READ_ONLY after a halt. */
  sealNow(): Promise<void>;
  /** Looks at L1 now. @throws RollupError why it cannot be read, READ_ONLY after a halt. */
  pollL1(): Promise<void>;
  status(): SyncStatus;
  node(): NodeStatus;
  /**
   * What was just read of the pending state may be told once this resolves: some of it may not be durable yet.
   *
   * @returns undefined when all is. @throws RollupError when it will not be: it never happened.
   */
  settled(): Promise<void> | undefined;
  /**
   * Ends work in progress cleanly; accepted transfers stay on disk. Idempotent.
   *
   * @param reason what senders are told from now on, if not that it is stopping.
   */
  stop(reason?: RollupError): Promise<void>;
}

/** Whoever calls without a network in between. */
const OWN_SOURCE: Source = { address: 'own', connection: 0 };

/** The status at this moment. */
function statusOf(
  context: SequencerContext,
  queries: Queries,
  { present, changing }: Pick<Runs, 'present' | 'changing'>,
  halted: RollupError | undefined,
): SyncStatus {
  const { ledger, publisher, unpostedCount, l1Head } = present.parts;
  return {
    ...progressOf(context, { ledger, queries, unpostedCount, l1Head }),
    trouble: changing ?? findTakenBack(context.storage) ?? publisher.trouble,
    halted,
  };
}

/** What reads need of the ledger that there is when they ask. */
function presentLedger(parts: () => Parts): Pick<Parts['ledger'], 'state' | 'pending' | 'directory'> {
  return {
    get state() {
      return parts().ledger.state;
    },
    get pending() {
      return parts().ledger.pending;
    },
    get directory() {
      return parts().ledger.directory;
    },
  };
}

/** What gauges show of the parts that there are when they ask. */
function presentWork(parts: () => Parts): GaugeOptions['parts'] {
  return {
    get publisher() {
      return parts().publisher;
    },
    get intake() {
      return parts().intake;
    },
  };
}

type BeginOptions = Omit<PartsOptions, 'prepared' | 'l1Head' | 'onTakenBack'>;

/** The first run of the parts, and those that follow when L1 takes back what they were built on. */
async function beginRuns(options: BeginOptions, halting: Halting): Promise<Runs> {
  const { context, genesis } = options;
  const { chain, clock, logger, config } = context;
  const onTakenBack = (doubt: Doubt): void => runs.restart(doubtError(doubt), () => takeBack(context, genesis, doubt));
  const begin = async (): Promise<Run> => {
    let wakeSealer = (): void => undefined;
    const l1Head = await chain.head();
    const prepared = await prepareStart(context, genesis, () => wakeSealer());
    const parts = createParts({ ...options, prepared, l1Head, onTakenBack });
    // Deferred, because cuts happen in the middle of an admission.
    wakeSealer = () => void setImmediate(() => parts.sealer.wake());
    return { prepared, parts };
  };
  const { halt } = halting;
  const halted = (): RollupError | undefined => halting.reason;
  const runs = createRuns(await begin(), { begin, clock, logger, halt, halted, retryMs: config.l1PollMs });
  return runs;
}

/** Pays what provers earn, where they earn something. */
function beginPaying(
  { fleet, payoutKey }: SequencerOptions,
  { storage, clock, logger, crypto, config, constants, events }: SequencerContext,
  doors: Pick<Sequencer, 'queries' | 'submit' | 'suggestedFee'>,
): { stop(): Promise<void> } | undefined {
  if (fleet?.reward === undefined || payoutKey === undefined) return undefined;
  const { domain } = constants;
  const { owner } = config.operator;
  const purse = createPurse({ ...doors, keyPair: payoutKey, owner, domain, hasher: crypto.hasher, storage });
  const payer = createPayer({ ledger: fleet.ledger, purse, clock, logger });
  const stopListening = events.on('batch', ({ state }) => {
    if (state === 'final') payer.wake();
  });
  payer.start();
  return {
    async stop() {
      stopListening();
      await payer.stop();
    },
  };
}

/**
 * Recovers from the database and starts. When L1 no longer holds what was built on, it only answers reads.
 *
 * @throws RollupError CONFIG_INVALID, DATABASE_DAMAGED, L1_UNREACHABLE or L1_WRONG_CHAIN; FOREIGN_BATCH_FINAL when L1 has
 * batches but the database has none.
 */
export async function createSequencer(options: SequencerOptions): Promise<Sequencer> {
  const { storage, clock, crypto, logger = silentLogger, metrics = createMetrics() } = options;
  const config = createSequencerConfig(options.config);
  const { deploymentBlock: blockNumber, confirmations } = config;
  const measurements = createMeasurements(metrics);
  const oneChain = onOneChain(options.chain, { store: storage, blockNumber, confirmations });
  const statistics = createStatistics(clock);
  const spending = { ...measurements, statistics };
  const chain = measureSubmissions(oneChain, spending);
  const assertions = options.assertions && measureActions(options.assertions, spending);
  const halting = createHalting(logger);
  const constants = await chain.connect();
  const genesis = await checkDeployment(chain, storage, crypto, config, constants);
  const context: SequencerContext = {
    ...{ config, chain, constants, storage, clock, logger, crypto },
    writer: options.writer ?? createLocalLogWriter(storage),
    ...(await checkMode(config, { prover: options.prover, assertions, hasFleet: options.fleet !== undefined })),
    fleet: options.fleet,
    ...checkData(config, constants, options),
    events: createEventBus((error) => logger.error('a listener failed', { error })),
    measurements,
    statistics,
    halt: halting.halt,
  };
  const l1Facts = await createL1Facts({ chain, logger, feeTokenIds: config.feeTokens.map(({ tokenId }) => tokenId) });
  const { events } = context;
  const parts = (): Parts => runs.present.parts;
  const queries = createQueries({
    ...{ storage, genesis, engine: crypto.engine, hasher: crypto.hasher, domain: constants.domain },
    ledger: presentLedger(parts),
  });
  const feed = createFeed({ events, storage, history: queries.history });
  const runs: Runs = await beginRuns({ context, genesis, l1Facts, queries }, halting);
  halting.onHalt((reason) => runs.halt(readOnly(reason)));
  runs.start();

  const status = (): SyncStatus => statusOf(context, queries, runs, halting.reason);
  createGauges(metrics, { context, status, parts: presentWork(parts) });
  const waiting = createWaitingAssertions(context, () => parts().l1Head.timestamp);
  const submit: Sequencer['submit'] = async (submission, source = OWN_SOURCE) => {
    const [answer] = await parts().intake.submit([submission], source);
    if ('error' in answer!) throw answer.error;
    return answer!.acknowledgement;
  };
  const suggestedFee = (tokenId: number): bigint => parts().feeAdvice.suggestedFee(tokenId);
  const payer = beginPaying(options, context, { queries, submit, suggestedFee });
  let stopping: Promise<void> | undefined;
  return {
    ...{ suggestedFee, submit },
    ...{ config, queries, events, feed, metrics, measurements, statistics, l1Facts, assertions: waiting },
    domain: constants.domain,
    chainId: chain.chainId,
    contract: chain.contract,
    submitAll: (submissions, source = OWN_SOURCE) => parts().intake.submit(submissions, source),
    async sealNow() {
      if (halting.reason !== undefined) throw readOnly(halting.reason);
      // Where the parts are stopped meanwhile for others, those seal what is open again.
      for (let sealer: Sealer | undefined; sealer !== parts().sealer; await runs.settled()) {
        await runs.settled();
        sealer = parts().sealer;
        await sealer.sealNow();
      }
    },
    async pollL1() {
      if (halting.reason !== undefined) throw readOnly(halting.reason);
      try {
        await runs.settled();
        await parts().reader.poll();
      } catch (error) {
        if (isReadable(error)) halting.halt(error);
        throw error;
      }
    },
    status,
    node: () => ({ role: 'leader', epoch: options.epoch ?? 0, head: storage.log.head().sequence, lag: 0 }),
    settled: () => context.writer.settled(),
    stop(reason) {
      stopping ??= Promise.all([payer?.stop(), runs.stop(reason)]).then(() => undefined);
      return stopping;
    },
  };
}
