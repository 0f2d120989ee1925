/** Puts the parts of the sequencer together, from a cold start or after a crash. */

import { type AssertionChain, onOneChain, type RollupChain } from '@quittance/chain';
import type { RollupError } from '@quittance/protocol';
import { type Clock, createMetrics, type Logger, type Metrics, silentLogger, unixSeconds } from '../runtime/index.ts';
import type { BatchRow, BatchState, Storage } from '../storage/index.ts';
import { createSealer, type Sealer } from './batcher/sealer.ts';
import { createSequencerConfig, type SequencerConfig, type SequencerSettings } from './config.ts';
import type { SequencerContext } from './context.ts';
import { createClaimedLeaves, createUnpostedCounter } from './counters.ts';
import { createEventBus, type EventBus } from './events.ts';
import { createMeasurements, type SequencerMeasurements } from './measurements.ts';
import { createAdmission } from './mempool/admission.ts';
import { createIntake } from './mempool/intake.ts';
import { createPriorityReader } from './mempool/priority.ts';
import type { TransferRequest } from './mempool/request.ts';
import { createUsableKeys } from './mempool/usable-keys.ts';
import { createPublisher } from './publisher/publisher.ts';
import { createQueries, type Queries } from './queries.ts';
import { catchUp } from './start/catch-up.ts';
import { checkDeployment } from './start/deployment.ts';
import { checkMode } from './start/mode.ts';
import { recover } from './start/recover.ts';
import { dealWithRejection, unsealUnpostable } from './start/unseal.ts';
import type { Acknowledgement, BatchProver, SequencerCrypto } from './types.ts';

/** What a sequencer is made of. */
export interface SequencerOptions {
  readonly config: SequencerSettings;
  readonly chain: RollupChain;
  /** Needed in modes optimistic and hybrid. */
  readonly assertions?: AssertionChain;
  /** Needed in modes zk and hybrid. */
  readonly prover?: BatchProver;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly crypto: SequencerCrypto;
  readonly logger?: Logger;
  readonly metrics?: Metrics;
}

/** How far everything is. */
export interface SyncStatus {
  readonly l1Block: number;
  /** Seconds between the latest L1 block that was seen and now. */
  readonly l1AgeSeconds: number | undefined;
  readonly priorityOperations: number;
  /** Accepted transfers that are in no batch. */
  readonly openTransfers: number;
  /** Accepted transfers that are not on L1. */
  readonly unpostedTransfers: number;
  readonly sealedBatch: number;
  readonly postedBatch: number;
  readonly finalBatch: number;
  /** Why posting does not succeed at present, if so. */
  readonly trouble: RollupError | undefined;
  /** Why the sequencer stopped for good, if so. */
  readonly halted: RollupError | undefined;
}

/** A running sequencer. */
export interface Sequencer {
  readonly config: SequencerConfig;
  readonly queries: Queries;
  readonly events: EventBus;
  readonly metrics: Metrics;
  readonly measurements: SequencerMeasurements;
  readonly domain: bigint;
  readonly chainId: bigint;
  readonly contract: string;
  /** Resolves when the transfer is on disk. @throws RollupError with the reason why it is refused. */
  submit(request: TransferRequest): Promise<Acknowledgement>;
  /** Seals what was accepted so far, without waiting for the time limit. */
  sealNow(): Promise<void>;
  /** Looks at L1 now. */
  pollL1(): Promise<void>;
  status(): SyncStatus;
  /** Ends work in progress cleanly; accepted transfers stay on disk. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Recovers from the database and starts.
 *
 * @throws RollupError CONFIG_INVALID, DATABASE_DAMAGED, L1_UNREACHABLE or L1_WRONG_CHAIN.
 */
export async function createSequencer(options: SequencerOptions): Promise<Sequencer> {
  const { storage, clock, crypto, logger = silentLogger, metrics = createMetrics() } = options;
  const config = createSequencerConfig(options.config);
  const { deploymentBlock: blockNumber, confirmations } = config;
  const chain = onOneChain(options.chain, { store: storage, blockNumber, confirmations });
  const measurements = createMeasurements(metrics);
  const events = createEventBus((error) => logger.error('a listener failed', { error }));
  const constants = await chain.connect();
  const genesis = await checkDeployment(chain, storage, crypto, config, constants);
  const means = await checkMode(config, options);
  let halted: RollupError | undefined;
  let l1Head = await chain.head();

  const halt = (error: RollupError): void => {
    if (halted !== undefined) return;
    halted = error;
    logger.error('the sequencer stops for good; its state is kept', { error });
    void Promise.all([intake.stop(), sealer.stop(), publisher.stop(), reader.stop()]).catch((cause: unknown) => {
      logger.error('stopping failed', { error: cause });
    });
  };
  const context: SequencerContext = {
    config,
    chain,
    constants,
    ...means,
    storage,
    clock,
    logger,
    crypto,
    events,
    measurements,
    halt,
  };

  dealWithRejection(context);
  await unsealUnpostable(context);
  const recovered = recover({ storage, crypto, profile: config.profile, domain: constants.domain, genesis });
  let wakeSealer = (): void => undefined;
  const ledger = await catchUp(context, recovered.state, () => wakeSealer());
  const unposted = createUnpostedCounter(ledger, storage);
  const queries = createQueries({ storage, ledger, crypto, genesis });

  const onState = (batch: BatchRow, state: BatchState): void => {
    unposted.add(batch, state);
    measurements.batches.set(batch.number, { state });
    logger.info(`batch is ${state}`, { batch: batch.number });
    events.emit('batch', { number: batch.number, state, transferCount: batch.transferCount });
  };
  const sealer: Sealer = createSealer({
    context,
    ledger,
    deployment: { chainId: chain.chainId, contract: chain.contract },
    parent: recovered.parent,
    isIntakeBusy: () => intake.isBusy,
    l1Time: () => l1Head.timestamp,
    onSealed({ header, chunks }) {
      unposted.add(storage.batches.get(header.number)!, 'sealed');
      publisher.add(header.number, chunks, true);
    },
  });
  // Not at once: cuts happen in the middle of an admission.
  wakeSealer = () => void setImmediate(() => sealer.wake());
  const publisher = createPublisher({ context, genesis, onState });
  const reader = createPriorityReader({
    context,
    ledger,
    onAppended: () => sealer.wake(),
    onHead(head) {
      if (head.number !== l1Head.number) publisher.wake();
      l1Head = head;
    },
  });
  const isUsableKey = createUsableKeys();
  const admission = createAdmission({
    context,
    ledger,
    policy: {
      config,
      directory: ledger.directory,
      isUsableKey,
      claimedLeaves: createClaimedLeaves(storage, ledger, recovered.parent),
    },
  });
  const intake = createIntake({
    context,
    ledger,
    admission,
    unpostedTransfers: unposted.count,
    statusOf: queries.statusOf,
    onAccepted() {
      measurements.openTransfers.set(ledger.openTransferCount);
      sealer.wake();
    },
  });

  for (const { batch, chunks } of recovered.unfinished) publisher.add(batch.number, chunks, false);
  reader.start();
  publisher.start();
  sealer.start();
  logger.info('the sequencer runs', {
    sealedBatch: recovered.parent.number,
    accounts: recovered.state.accountCount,
    openTransfers: ledger.openTransferCount,
    unfinishedBatches: recovered.unfinished.length,
  });

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await intake.stop();
    await reader.stop();
    await sealer.stop();
    await publisher.stop();
  };
  return {
    config,
    queries,
    events,
    metrics,
    measurements,
    domain: constants.domain,
    chainId: chain.chainId,
    contract: chain.contract,
    submit: (request) => (halted === undefined ? intake.submit(request) : Promise.reject(halted)),
    sealNow: () => sealer.sealNow(),
    pollL1: () => reader.poll(),
    status: () => ({
      l1Block: l1Head.number,
      l1AgeSeconds: Math.max(0, unixSeconds(clock) - l1Head.timestamp),
      priorityOperations: storage.priority.count(),
      openTransfers: ledger.openTransferCount,
      unpostedTransfers: unposted.count(),
      sealedBatch: queries.lastBatch('latest'),
      postedBatch: queries.lastBatch('safe'),
      finalBatch: queries.lastBatch('finalized'),
      trouble: publisher.trouble,
      halted,
    }),
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}
