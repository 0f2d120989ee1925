/** The parts that run: mempool, batcher and publisher, wired to each other. */

import type { BlockReference } from '@quittance/chain';
import type { StoredHeader } from '@quittance/protocol';
import type { Loop } from '../runtime/index.ts';
import type { BatchRow, BatchState } from '../storage/index.ts';
import { createSealer, type Sealer } from './batcher/sealer.ts';
import type { SequencerContext } from './context.ts';
import { createClaimedLeaves, createUnpostedCounter } from './counters.ts';
import { createFeeAdvice, type FeeAdvice } from './fees/advice.ts';
import type { L1Facts } from './l1-facts.ts';
import { createAdmission } from './mempool/admission.ts';
import { createDestinations, type Destinations } from './mempool/destinations.ts';
import { createIntake, type Intake } from './mempool/intake.ts';
import type { Ledger } from './mempool/ledger.ts';
import { createFeeAccounts } from './mempool/policy.ts';
import { createPriorityReader, type PriorityReader } from './mempool/priority.ts';
import { createUsableKeys } from './mempool/usable-keys.ts';
import { bulkOf } from './mempool/verify.ts';
import { createBalanceWatch } from './publisher/balance-watch.ts';
import { createFolding, foldThreshold } from './publisher/folding.ts';
import { createPriceWatch } from './publisher/price-watch.ts';
import { createPublisher, type Publisher } from './publisher/publisher.ts';
import type { Queries } from './queries.ts';
import type { Doubt } from './reorg/doubt.ts';
import type { Prepared } from './start/prepare.ts';

/** The parts of one sequencer. */
export interface Parts {
  readonly ledger: Ledger;
  readonly intake: Intake;
  readonly sealer: Sealer;
  readonly publisher: Publisher;
  readonly reader: PriorityReader;
  /** Folds the account versions of final batches. */
  readonly folding: Loop;
  /** Accepted transfers that are not on L1. */
  readonly unpostedCount: () => number;
  /** The latest block of L1 that was seen. */
  readonly l1Head: BlockReference;
  /** What fees are suggested. */
  readonly feeAdvice: FeeAdvice;
  /** Starts all of them, and the publishing of the batches that the last run left unfinished. */
  start(): void;
}

export interface PartsOptions {
  readonly context: SequencerContext;
  readonly genesis: StoredHeader;
  readonly prepared: Prepared;
  readonly l1Head: BlockReference;
  readonly l1Facts: L1Facts;
  readonly queries: Queries;
  /** Told what L1 took back for certain: the parts must stop. */
  readonly onTakenBack: (doubt: Doubt) => void;
}

function createMempoolIntake(
  { context, prepared, queries }: PartsOptions,
  parts: Pick<Parts, 'unpostedCount'> & { readonly destinations: Destinations },
  wake: () => void,
): Intake {
  const { config, storage, measurements, crypto } = context;
  const { ledger, recovered } = prepared;
  const policy = {
    config,
    hasFeeAccount: createFeeAccounts(ledger.directory, config.operator),
    keys: createUsableKeys(bulkOf(crypto).usableKeys),
    claimedLeaves: createClaimedLeaves(storage, ledger, recovered.parent),
    destinationCount: () => parts.destinations.count,
  };
  return createIntake({
    context,
    ledger,
    admission: createAdmission({ context, ledger, policy }),
    unpostedTransfers: parts.unpostedCount,
    statusOf: queries.statusOf,
    onAccepted() {
      measurements.openTransfers.set(ledger.openTransferCount);
      wake();
    },
  });
}

/** The parts, wired but not started. */
export function createParts(options: PartsOptions): Parts {
  const { context, genesis, prepared, l1Facts, onTakenBack } = options;
  const { storage, chain, events, measurements, logger } = context;
  const { ledger, recovered } = prepared;
  let { l1Head } = options;
  const unposted = createUnpostedCounter(ledger, storage);
  const onState = (batch: BatchRow, state: BatchState): void => {
    unposted.add(batch, state);
    measurements.batches.set(batch.number, { state });
    logger.info(`batch is ${state}`, { batch: batch.number });
    if (state === 'final') context.statistics.final(batch.transferCount);
    events.emit('batch', { number: batch.number, state, transferCount: batch.transferCount });
    if (state === 'final') folding.wake();
  };
  const folding = createFolding(context, () => foldThreshold(ledger.state.accountCount));
  const prices = createPriceWatch(context);
  const balance = createBalanceWatch(context);
  const destinations = createDestinations(context);
  const askAgain = (headNumber: number): void => {
    void prices.refresh();
    void balance.refresh();
    void l1Facts.refresh();
    void destinations.refresh(headNumber);
  };
  const publisher = createPublisher({ context, genesis, onState });
  const sealer: Sealer = createSealer({
    context,
    ledger,
    deployment: { chainId: chain.chainId, contract: chain.contract },
    parent: recovered.parent,
    isIntakeBusy: () => intake.isBusy,
    l1Time: () => l1Head.timestamp,
    prices: () => prices.latest,
    onSealed: ({ header }) => unposted.add(storage.batches.get(header.number)!, 'sealed'),
    onCleared: ({ header, chunks }) => publisher.add(header.number, chunks, true),
  });
  const intake = createMempoolIntake(options, { unpostedCount: unposted.count, destinations }, sealer.wake);
  const reader = createPriorityReader({
    context,
    ledger,
    onTakenBack,
    onAppended: () => sealer.wake(),
    onHead(head) {
      if (head.number !== l1Head.number) {
        publisher.wake();
        askAgain(head.number);
      }
      l1Head = head;
    },
  });
  return {
    feeAdvice: createFeeAdvice({
      context,
      prices: () => prices.latest,
      hasFeeAccount: createFeeAccounts(ledger.directory, context.config.operator),
    }),
    ...{ ledger, intake, sealer, publisher, reader, folding, unpostedCount: unposted.count },
    get l1Head() {
      return l1Head;
    },
    start() {
      for (const { batch, chunks } of recovered.unfinished) publisher.add(batch.number, chunks, false);
      askAgain(l1Head.number);
      for (const part of [reader, publisher, sealer, folding]) part.start();
      logger.info('the sequencer runs', {
        sealedBatch: recovered.parent.number,
        accounts: recovered.state.accountCount,
        openTransfers: ledger.openTransferCount,
        unfinishedBatches: recovered.unfinished.length,
      });
    },
  };
}
