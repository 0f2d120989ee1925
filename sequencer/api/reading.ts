/** Reads bodies in memory that grows with what arrives, so that it costs nothing to announce much and send little. */

import type { Readable } from 'node:stream';
import { bodyTooLarge } from './errors.ts';
import { MAX_SMALL_CALL_BYTES } from './scan.ts';

/** How a body is read. */
export interface Reading {
  /** Most bytes that are read. */
  readonly limit: number;
  /** How many the sender says that there are, if he does. */
  readonly announced: number | undefined;
  /** Told of what arrives. What it throws ends the reading. */
  arrive(bytes: number): void;
  /** Told of how much memory is taken for the body in all, before it is taken. What it throws ends the reading. */
  grow(bytes: number): void;
}

/** The bytes so far. What arrives is copied: a piece of three bytes may be a view of many that it would keep. */
function createPile({ limit, announced = limit, arrive, grow }: Reading) {
  let pile = Buffer.alloc(0);
  let length = 0;
  return {
    add(piece: Uint8Array): void {
      const needed = length + piece.length;
      if (needed > limit) throw bodyTooLarge('a body', limit);
      arrive(piece.length);
      if (needed > pile.length) {
        const capacity = Math.max(needed, Math.min(announced, Math.max(MAX_SMALL_CALL_BYTES, 2 * pile.length)));
        grow(capacity);
        const larger = Buffer.allocUnsafeSlow(capacity);
        pile.copy(larger, 0, 0, length);
        pile = larger;
      }
      pile.set(piece, length);
      length = needed;
    },
    end: () => pile.subarray(0, length),
  };
}

/**
 * Reads a body to its end.
 *
 * @throws RollupError BODY_TOO_LARGE, at once where that many are announced; what `reading` throws; or an error with the
 *   status 400 when the sender goes away.
 */
export function readBody(stream: Readable, reading: Reading): Promise<Buffer> {
  const { limit, announced = 0 } = reading;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  if (announced > limit) {
    reject(bodyTooLarge('a body', limit, announced));
    return promise;
  }
  const pile = createPile(reading);
  const stop = (): void => {
    stream.off('data', onData).off('end', onEnd).off('close', onClose);
  };
  const onData = (piece: Buffer): void => {
    try {
      pile.add(piece);
    } catch (error) {
      stop();
      reject(error);
    }
  };
  const onEnd = (): void => {
    stop();
    resolve(pile.end());
  };
  const onClose = (): void => {
    stop();
    reject(Object.assign(new Error('the connection ended within the body'), { statusCode: 400 }));
  };
  stream.on('data', onData).on('end', onEnd).on('close', onClose);
  // Whatever goes wrong with the connection closes it, too.
  stream.on('error', () => undefined);
  return promise;
}
