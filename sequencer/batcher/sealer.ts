/** Turns what is cut, or old enough, into sealed batches, one after the other. */

import { asRollupError, type ChunkContext, type Deployment, type StoredHeader } from '@quittance/protocol';
import { createLoop, type Timer, unixSeconds } from '../../runtime/index.ts';
import { chunkFeeTokens } from '../config.ts';
import { pendingContext, type SequencerContext } from '../context.ts';
import { limitsOf } from '../mempool/data-limits.ts';
import type { Ledger, Segment } from '../mempool/ledger.ts';
import { chooseBatchTime } from './batch-time.ts';
import { type ExecutedBatch, executeBatch } from './execute.ts';
import { type PlannedDrop, planBatch } from './plan.ts';
import { commitSeal } from './seal.ts';

/** Seals batches. */
export interface Sealer {
  start(): void;
  /** Something was cut or accepted: look again. */
  wake(): void;
  /** Ends the content under construction and resolves when all that was accepted before is sealed or dropped. */
  sealNow(): Promise<void>;
  stop(): Promise<void>;
}

export interface SealerOptions {
  readonly context: SequencerContext;
  readonly ledger: Ledger;
  readonly deployment: Deployment;
  /** Header of the last sealed batch. */
  readonly parent: StoredHeader;
  /** Told of each sealed batch after it is durable. */
  readonly onSealed: (batch: ExecutedBatch) => void;
  /** Whether transfers wait for their acknowledgement: they go first, within bounds. */
  readonly isIntakeBusy: () => boolean;
  /** The latest L1 block time that is known, in Unix seconds. */
  readonly l1Time: () => number;
}

/** Longest pause: sealing goes on however many transfers arrive. */
const MAX_PAUSE_MS = 40;

const yieldToOthers = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A sealer that continues after `parent`. */
export function createSealer(options: SealerOptions): Sealer {
  const { context, ledger, deployment, onSealed, isIntakeBusy, l1Time } = options;
  const { config, storage, clock, logger, crypto, events, measurements, constants, halt } = context;
  let parent = options.parent;
  let timer: Timer | undefined;
  let waiters: (() => void)[] = [];

  /** Between two slices of execution: waiting transfers go first. */
  const pause = async (): Promise<void> => {
    const latest = performance.now() + MAX_PAUSE_MS;
    do await yieldToOthers();
    while (isIntakeBusy() && performance.now() < latest);
  };

  const batchTime = (): number =>
    chooseBatchTime(parent.time, unixSeconds(clock), l1Time(), constants.maxBatchAgeSeconds);

  const feeAccount = (tokenId: number): number | undefined =>
    ledger.directory.find(config.operator.keyY, config.operator.owner, tokenId);

  const report = (
    segment: Segment,
    batch: ExecutedBatch | undefined,
    drops: readonly PlannedDrop[],
    number: number,
  ): void => {
    for (const { source, refusal } of drops) {
      measurements.dropped.add(1, { reason: refusal.code });
      if (source.entry.type !== 'transfer') continue;
      const { id } = source.entry;
      events.emit('transfer', { id, sequence: source.sequence, status: 'dropped', reason: refusal.code });
    }
    const dropped = new Set(drops.map(({ source }) => source.sequence));
    for (const { entry, sequence } of segment.entries) {
      if (entry.type === 'transfer' && !dropped.has(sequence)) {
        events.emit('transfer', { id: entry.id, sequence, status: 'sealed' });
      }
    }
    if (batch === undefined) return;
    measurements.batches.set(number, { state: 'sealed' });
    events.emit('batch', { number, state: 'sealed', transferCount: batch.transferCount });
    logger.info('sealed a batch', {
      batch: number,
      transfers: batch.transferCount,
      priority: batch.priorityCount,
      chunks: batch.chunks.length,
      dropped: drops.length,
      stateRoot: batch.header.stateRoot,
    });
  };

  async function sealFirst(segment: Segment): Promise<void> {
    const startedMs = clock.nowMs();
    const number = parent.number + 1;
    const chunkContext: ChunkContext = {
      domain: constants.domain,
      batchTime: batchTime(),
      feeTokens: chunkFeeTokens(config.feeTokens),
    };
    const { chunks, drops } = planBatch({
      profile: config.profile,
      limits: limitsOf(config.mode),
      view: ledger.state,
      entries: segment.entries,
      context: chunkContext,
      hasher: crypto.hasher,
      feeAccount,
    });
    const batch =
      chunks.length === 0
        ? undefined
        : await executeBatch({
            hasher: crypto.hasher,
            deployment,
            state: ledger.state,
            parent,
            chunks,
            context: chunkContext,
            pause,
          });
    const lastSequence = (ledger.lowestAfterFirst() ?? storage.log.head().sequence + 1) - 1;
    commitSeal({ storage, number, batch, drops, lastSequence, nowMs: clock.nowMs() });
    ledger.completeFirst(pendingContext(context));
    measurements.sealSeconds.observe((clock.nowMs() - startedMs) / 1_000);
    measurements.openTransfers.set(ledger.openTransferCount);
    if (batch !== undefined) parent = batch.header;
    report(segment, batch, drops, number);
    if (batch !== undefined) onSealed(batch);
  }

  /** Cuts the open content when its first operation has waited long enough, else comes back when it has. */
  const cutWhenOld = (): void => {
    timer?.cancel();
    timer = undefined;
    const first = ledger.open.entries[0];
    if (first === undefined) return;
    const waitMs = first.receivedMs + config.sealAfterMs - clock.nowMs();
    if (waitMs <= 0) ledger.cut();
    else timer = clock.schedule(waitMs, loop.wake);
  };

  const loop = createLoop({
    clock,
    intervalMs: config.sealAfterMs,
    onError: (error) => {
      const cause = asRollupError('sealing', error);
      halt(cause);
    },
    async run(signal) {
      cutWhenOld();
      for (let segment = ledger.cutSegments[0]; segment !== undefined; segment = ledger.cutSegments[0]) {
        if (signal.aborted) return;
        await sealFirst(segment);
        await yieldToOthers();
      }
      for (const resolve of waiters.splice(0)) resolve();
    },
  });

  return {
    start: () => loop.start(),
    wake: () => {
      if (ledger.cutSegments.length > 0) loop.wake();
      else if (timer === undefined && ledger.open.entries.length > 0) cutWhenOld();
      if (ledger.cutSegments.length > 0) loop.wake();
    },
    sealNow() {
      ledger.cut();
      return new Promise((resolve) => {
        waiters = [...waiters, resolve];
        loop.wake();
      });
    },
    async stop() {
      timer?.cancel();
      await loop.stop();
      for (const resolve of waiters.splice(0)) resolve();
    },
  };
}
