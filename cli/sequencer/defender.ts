/**
 * Defends the sequencer's own batches in its process: answers disputes of them, and takes the bonds of those that are lost. It is a
 * watcher with a database of its own, which replays what is on L1 and believes nothing that the sequencer says but its state at
 * the first start; account, connection and transaction manager are the sequencer's. Of several nodes only the one that leads
 * defends: they share an account, and two that send take each other's nonce.
 */

import { rmSync } from 'node:fs';
import { createBlobSource, type Kzg, type PinnedAssertionChain, type RollupReader } from '@quittance/chain';
import { isPassing, isRollupError, type Profile } from '@quittance/protocol';
import { type Clock, createLoop, type Logger, type Metrics } from '../../runtime/index.ts';
import { createOwnBlobs, type SequencerCrypto } from '../../sequencer/index.ts';
import { notLeader, type Storage } from '../../storage/index.ts';
import { createWatcher, openWatcherStore, type Watcher, type WatcherStore } from '../../watcher/index.ts';
import type { BlobPlace } from '../config/blob-places.ts';
import { originOf } from '../l1/blob-source.ts';
import type { Running } from './node.ts';

export interface DefenderOptions {
  readonly reader: RollupReader;
  /** Sends through the transaction manager of the sequencer. */
  readonly assertions: PinnedAssertionChain;
  readonly storage: Storage;
  /** Whose role says whether this process may send. */
  readonly running: Pick<Running, 'present' | 'onChange'>;
  readonly profile: Profile;
  readonly kzg: Kzg;
  readonly crypto: SequencerCrypto;
  /** Its database, which can be made anew. */
  readonly file: string;
  /** Asked for blobs of batches that others posted. */
  readonly blobPlaces: readonly BlobPlace[];
  readonly deploymentBlock: number;
  readonly confirmations: number;
  readonly pollMs: number;
  /** Wei. */
  readonly maxFeePerGas: bigint;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** A defender that runs. */
export interface Defender {
  stop(): Promise<void>;
}

/** Pause after a failure that does not pass by itself. */
const RESTART_MS = 30_000;

/** The files of its database. */
const ENDS = ['', '-wal', '-shm', '.head'] as const;

/**
 * Two senders share the account and one manager, which knows the next nonce: one that was read earlier would lose its place. An
 * answer that is sent twice is refused by the contract the second time.
 */
function unpinned(assertions: PinnedAssertionChain): PinnedAssertionChain {
  return { ...assertions, send: (action, signal) => assertions.send(action, signal) };
}

/** Begins where the sequencer is, so that a long rollup is not replayed from its beginning. */
async function seed(store: WatcherStore, { reader, storage }: DefenderOptions): Promise<void> {
  const batch = storage.batches.lastFinal();
  if (store.checkpoint.get() !== undefined || batch === undefined) return;
  const { number, header, headerHash, inclusion } = batch;
  if ((await reader.headerHash(number)) !== headerHash) return;
  const { number: head } = await reader.head();
  const found = await reader.findBatch(number, inclusion?.blockNumber ?? 0, head);
  if (found?.headerHash !== headerHash) return;
  const checkpoint = { header, headerHash, blockNumber: found.blockNumber };
  store.commit(() => store.checkpoint.move(checkpoint, storage.leaves.stateAfter(number)));
}

/** The same metric for one name each time: a watcher that begins anew goes on with those of the one before. */
function kept(metrics: Metrics): Metrics {
  const made = new Map<string, unknown>();
  const once = <Args extends readonly [name: string, ...rest: never[]], T>(make: (...args: Args) => T) => {
    return (...args: Args): T => {
      if (!made.has(args[0])) made.set(args[0], make(...args));
      return made.get(args[0]) as T;
    };
  };
  const { counter, gauge, histogram } = metrics;
  return { ...metrics, counter: once(counter), gauge: once(gauge), histogram: once(histogram) };
}

/** A watcher over the sequencer's account. */
async function open(options: DefenderOptions): Promise<{ readonly watcher: Watcher; readonly store: WatcherStore }> {
  const { reader, assertions, storage, profile, kzg, logger, clock, metrics, crypto } = options;
  const { chainId, contract } = reader;
  const store = openWatcherStore({ file: options.file, chainId, contract });
  try {
    await seed(store, options);
    const origins = [createOwnBlobs(storage, profile), ...options.blobPlaces.map(originOf)];
    const watcher = await createWatcher({
      ...{ mode: 'answer', reader, assertions: unpinned(assertions), store, kzg, crypto, clock, logger, metrics },
      blobs: createBlobSource({ origins, kzg, logger }),
      fromBlock: options.deploymentBlock,
      confirmations: options.confirmations,
      maxFeePerGas: options.maxFeePerGas,
    });
    return { watcher, store };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** While this process leads, a signal that ends with the lead. */
function watchLead({ running }: DefenderOptions): () => AbortSignal | undefined {
  let lead = new AbortController();
  running.onChange((present) => {
    lead.abort(notLeader(present.node().epoch, 'its role changed, and the defender goes with the lead'));
    lead = new AbortController();
  });
  return () => (running.present().node().role === 'leader' ? lead.signal : undefined);
}

/** Starts to defend. It never ends the sequencer: what fails is said, and begun anew. */
export function startDefender(given: DefenderOptions): Defender {
  const options = { ...given, metrics: kept(given.metrics) };
  const { clock, logger, file, pollMs } = options;
  const lead = watchLead(options);
  let running: Awaited<ReturnType<typeof open>> | undefined;
  let notBeforeMs = 0;

  const close = (): void => {
    running?.store.close();
    running = undefined;
  };
  const fail = (error: unknown): void => {
    logger.error('the defender failed and begins anew; until then no dispute of a batch of ours is answered', {
      error,
    });
    close();
    // All of it is read from L1 again.
    if (isRollupError(error, 'DATABASE_DAMAGED')) for (const end of ENDS) rmSync(`${file}${end}`, { force: true });
    else notBeforeMs = clock.nowMs() + RESTART_MS;
  };
  const loop = createLoop({
    clock,
    intervalMs: pollMs,
    async run(stopping) {
      const leading = lead();
      if (leading === undefined) {
        close();
        return;
      }
      if (clock.nowMs() < notBeforeMs) return;
      running ??= await open(options);
      const report = await running.watcher.poll(AbortSignal.any([stopping, leading]));
      // The next move of a dispute may be possible at once.
      if (report.isCatchingUp || report.actions.some(({ result }) => result === 'done')) loop.wake();
    },
    onError(error) {
      if (isRollupError(error, 'NOT_LEADER')) return;
      if (isPassing(error)) logger.warn('the defender could not read L1; it looks again', { error });
      else fail(error);
    },
  });
  loop.start();
  return {
    async stop() {
      await loop.stop();
      close();
    },
  };
}
