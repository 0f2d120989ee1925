/** Seals batches one after the other, from what is cut or has waited long enough. */

import type { Prices } from '@quittance/chain';
import { asRollupError, type Deployment, type StoredHeader } from '@quittance/protocol';
import { createLoop, type Timer } from '../../runtime/index.ts';
import type { SequencerContext } from '../context.ts';
import type { Ledger } from '../mempool/ledger.ts';
import type { OpenEntry } from '../mempool/open-entry.ts';
import type { ExecutedBatch } from './batch.ts';
import { createClearance } from './clearance.ts';
import { createLookupWriter } from './lookup-writer.ts';
import { sealSegment } from './seal-segment.ts';
import { createShadow } from './shadow.ts';

/** Seals batches. */
export interface Sealer {
  start(): void;
  /** Looks again, because something was cut or accepted. */
  wake(): void;
  /** Cuts the open content. Resolves when everything accepted so far is sealed or dropped, or the sealer has stopped. */
  sealNow(): Promise<void>;
  stop(): Promise<void>;
}

export interface SealerOptions {
  readonly context: SequencerContext;
  readonly ledger: Ledger;
  readonly deployment: Deployment;
  /** Header of the last sealed batch. */
  readonly parent: StoredHeader;
  /** Called with each sealed batch once it is durable. */
  readonly onSealed: (batch: ExecutedBatch) => void;
  /**
   * Called with each of them, in order, once it may leave: where the shadow looks at it, after that agreed. What follows on one
   * that it does not agree with never does.
   */
  readonly onCleared: (batch: ExecutedBatch) => void;
  /** Whether transfers wait for their acknowledgement. They go first, within bounds. */
  readonly isIntakeBusy: () => boolean;
  /** The latest L1 block time that is known, in Unix seconds. */
  readonly l1Time: () => number;
  /** What gas cost on L1 when it was asked last. */
  readonly prices: () => Prices | undefined;
}

/** The longest pause: sealing continues however many transfers arrive. */
const MAX_PAUSE_MS = 40;

const yieldToOthers = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Milliseconds until the open content must be cut: 0 or less when it is time, undefined when there is none.
 *
 * @param first the operation that waits longest.
 */
export function msUntilCut(first: OpenEntry | undefined, sealAfterMs: number, nowMs: number): number | undefined {
  return first === undefined ? undefined : first.receivedMs + sealAfterMs - nowMs;
}

/** A sealer that continues after `parent`. */
export function createSealer(options: SealerOptions): Sealer {
  const { context, ledger, onSealed, onCleared, isIntakeBusy } = options;
  const { config, clock, crypto, halt } = context;
  let parent = options.parent;
  let timer: Timer | undefined;
  const waiters: (() => void)[] = [];
  let isStopped = false;

  /** Lets waiting transfers go first, between two slices of execution. */
  const pause = async (): Promise<void> => {
    const latest = performance.now() + MAX_PAUSE_MS;
    do await yieldToOthers();
    while (isIntakeBusy() && performance.now() < latest);
  };

  const shadow = createShadow({ share: config.shadow, crypto, pause, halt });
  const lookups = createLookupWriter({ storage: context.storage, pause, halt });
  const clearance = createClearance({ storage: context.storage, shadow, onCleared, halt });

  /** Cuts the open content when its first operation has waited long enough, else comes back when it has. */
  const cutWhenOld = (): void => {
    timer?.cancel();
    timer = undefined;
    const waitMs = msUntilCut(ledger.open.entries[0], config.sealAfterMs, clock.nowMs());
    if (waitMs === undefined) return;
    if (waitMs <= 0) ledger.cut();
    else timer = clock.schedule(waitMs, loop.wake);
  };

  const tellWaiters = (): void => {
    for (const resolve of waiters.splice(0)) resolve();
  };

  const loop = createLoop({
    clock,
    intervalMs: config.sealAfterMs,
    onError: (error) => halt(asRollupError('sealing', error)),
    async run(signal) {
      cutWhenOld();
      for (let segment = ledger.cutSegments[0]; segment !== undefined; segment = ledger.cutSegments[0]) {
        if (signal.aborted) return;
        const batch = await sealSegment({ ...options, pause, shadow }, parent, segment);
        lookups.wake();
        if (batch !== undefined) {
          parent = batch.header;
          onSealed(batch);
          clearance.add(batch);
        }
        await yieldToOthers();
      }
      tellWaiters();
    },
  });

  return {
    start: () => loop.start(),
    wake: () => {
      if (ledger.cutSegments.length > 0) loop.wake();
      else if (timer === undefined && ledger.open.entries.length > 0) cutWhenOld();
      if (ledger.cutSegments.length > 0) loop.wake();
    },
    async sealNow() {
      if (isStopped) return;
      ledger.cut();
      await new Promise<void>((resolve) => {
        waiters.push(resolve);
        loop.wake();
      });
    },
    async stop() {
      isStopped = true;
      timer?.cancel();
      await loop.stop();
      await lookups.stop();
      await shadow.stop();
      await clearance.settled();
      tellWaiters();
    },
  };
}
