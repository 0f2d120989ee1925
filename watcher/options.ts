/** The options and the interface of a watcher. */

import type {
  AssertionConstants,
  AssertionReader,
  BlobSource,
  PinnedAssertionChain,
  RollupReader,
} from '@quittance/chain';
import type { BlobOpener, ReplayCrypto } from '@quittance/derivation';
import type { Clock, Logger, Metrics } from '../runtime/index.ts';
import type { CheckEndpoint } from './dispute/guard.ts';
import type { WatchMode } from './dispute/modes.ts';
import type { AlertOptions } from './monitoring/alerts.ts';
import type { WatchReport } from './report.ts';
import type { WatcherStore } from './store/store.ts';

export interface WatcherOptions {
  readonly mode: WatchMode;
  readonly reader: RollupReader;
  /** Must have an account, except in mode `observe`. */
  readonly assertions: AssertionReader | PinnedAssertionChain;
  /** Gives the blobs of batches whose records stand there. */
  readonly blobs: BlobSource;
  /** Opens blobs for step proofs. */
  readonly kzg: BlobOpener;
  readonly checks?: readonly CheckEndpoint[];
  readonly store: WatcherStore;
  readonly crypto: ReplayCrypto;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  readonly post?: AlertOptions['post'];
  /** Block of the deployment, or one before it. */
  readonly fromBlock: number;
  /** Nothing is challenged while the newest block is older; undefined where blocks are made on demand. */
  readonly maxHeadAgeSeconds?: number | undefined;
  /** Blocks, including the assertion's own, before a bond is staked on it; 1 by default. */
  readonly confirmations?: number;
  /** Wei. */
  readonly maxFeePerGas: bigint;
}

/** Watches one rollup. */
export interface Watcher {
  /** Clocks and bonds; zeros for a rollup without optimistic mode. */
  readonly constants: AssertionConstants;
  readonly metrics: Metrics;
  /**
   * Reads what is new, judges it and does what the mode says. It waits 10 seconds for blobs, in all: what has not come by then
   * is judged by a later poll.
   *
   * @throws RollupError LIE_FINAL when L1 made a lie final, L1_UNREACHABLE, L1_REORG (look again), DATABASE_DAMAGED,
   * INVARIANT_BROKEN for a bug of ours.
   */
  poll(signal?: AbortSignal): Promise<WatchReport>;
}
