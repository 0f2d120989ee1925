/**
 * Bounds how long a look waits for blobs, whatever their places do. What has not come by then is asked for on while the look
 * goes on without it, and is there when a later look wants it.
 */

import type { BlobRequest, BlobSource } from '@quittance/chain';
import { isRollupError, RollupError } from '@quittance/protocol';
import type { Clock } from '../../runtime/index.ts';

/** What a look may wait for blobs in all, in vain or not. */
export const MAX_WAIT_MS = 10_000;
/** Batches whose blobs are asked for at once; a look wants few, since a batch is judged on the one before it. */
const MAX_UNDER_WAY = 8;

/** Why a batch has no blobs at present; both pass. */
export type BlobsLacking = RollupError<'BLOB_UNAVAILABLE'> | RollupError<'BLOB_LATE'>;

/** Whether an error says that blobs are not here, and nothing else about a batch. */
export function lacksBlobs(error: unknown): error is BlobsLacking {
  return isRollupError(error, 'BLOB_UNAVAILABLE') || isRollupError(error, 'BLOB_LATE');
}

/** What has blobs, or why they are not here: a passing state, in which all that needs none goes on. */
export async function orLacking<T>(work: Promise<T>): Promise<T | BlobsLacking> {
  try {
    return await work;
  } catch (error) {
    if (lacksBlobs(error)) return error;
    throw error;
  }
}

/** The source of blobs of a watcher. Besides what a source throws, it throws RollupError BLOB_LATE. */
export interface LookBlobs extends BlobSource {
  /** Begins a look, which does not wait yet: it gets what is there. @returns whether the one before lacked blobs. */
  begin(): boolean;
  /** From now on the look waits, `MAX_WAIT_MS` in all. */
  allow(): void;
}

/** Blobs that were asked for. */
interface UnderWay {
  readonly blobs: Promise<Uint8Array[]>;
  hasEnded: boolean;
  /** Whether this look asked for them. */
  isWanted: boolean;
}

const keyOf = ({ blockNumber, versionedHashes }: BlobRequest): string => `${blockNumber}:${versionedHashes.join()}`;

/** What a look waits with. */
export function createLookBlobs(source: BlobSource, clock: Clock): LookBlobs {
  const underWay = new Map<string, UnderWay>();
  let leftMs = 0;
  let hasLacked = false;

  function late({ blockNumber }: BlobRequest): RollupError<'BLOB_LATE'> {
    const message = `the blobs of L1 block ${blockNumber} are asked for and have not come yet; the next look goes on with them`;
    return new RollupError('BLOB_LATE', message, { blockNumber });
  }

  /** The look's signal ends it, also when a later look waits for it: they are those of one process. */
  function start(request: BlobRequest, signal: AbortSignal | undefined): UnderWay {
    if (underWay.size >= MAX_UNDER_WAY) throw late(request);
    const started: UnderWay = {
      blobs: source.getBlobs(request, signal).finally(() => {
        started.hasEnded = true;
      }),
      hasEnded: false,
      isWanted: true,
    };
    // Whoever waits hears of its failure. If nobody does any more, nobody needs it.
    started.blobs.catch(() => undefined);
    underWay.set(keyOf(request), started);
    return started;
  }

  async function wait({ blobs }: UnderWay, request: BlobRequest, signal: AbortSignal | undefined) {
    const startMs = clock.nowMs();
    const enough = new AbortController();
    const signals = signal === undefined ? enough.signal : AbortSignal.any([enough.signal, signal]);
    const isOver = clock.sleep(leftMs, signals).then(() => {
      throw late(request);
    });
    try {
      return await Promise.race([blobs, isOver]);
    } finally {
      enough.abort();
      leftMs = Math.max(0, leftMs - Math.max(0, clock.nowMs() - startMs));
    }
  }

  return {
    begin() {
      // A batch that nobody wants any more was taken back by L1.
      for (const [key, { hasEnded, isWanted }] of underWay) if (hasEnded && !isWanted) underWay.delete(key);
      for (const one of underWay.values()) one.isWanted = false;
      leftMs = 0;
      const before = hasLacked;
      hasLacked = false;
      return before;
    },
    allow() {
      leftMs = MAX_WAIT_MS;
    },
    async getBlobs(request, signal) {
      try {
        const one = underWay.get(keyOf(request)) ?? start(request, signal);
        one.isWanted = true;
        if (!one.hasEnded && leftMs === 0) throw late(request);
        try {
          return await (one.hasEnded ? one.blobs : wait(one, request, signal));
        } finally {
          if (one.hasEnded) underWay.delete(keyOf(request));
        }
      } catch (error) {
        hasLacked ||= lacksBlobs(error);
        throw error;
      }
    },
  };
}
