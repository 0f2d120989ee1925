/** Bounds what large bodies that are on their way may take of the memory. Small ones are bounded by the connections. */

import { RollupError } from '@quittance/protocol';
import { MAX_SMALL_CALL_BYTES } from './scan.ts';

/** The large bodies that are being read. */
export interface Bodies {
  /**
   * Makes room for a body.
   *
   * @param bytes as many as it may have.
   * @returns how to give the room back, once.
   * @throws RollupError RATE_LIMITED when there is none, for this address or for anybody.
   */
  reserve(address: string, bytes: number): () => void;
}

export interface BodyRoom {
  readonly totalBytes: number;
  readonly addressBytes: number;
}

function noRoom(whose: string, expected: number, actual: number): RollupError {
  const message = `${whose} too many large bodies on the way; send it again later`;
  return new RollupError('RATE_LIMITED', message, { retryAfterSeconds: 1, expected, actual });
}

/** No bodies. */
export function createBodies({ totalBytes, addressBytes }: BodyRoom): Bodies {
  const ofAddress = new Map<string, number>();
  let total = 0;
  const add = (address: string, bytes: number): void => {
    total += bytes;
    const sum = (ofAddress.get(address) ?? 0) + bytes;
    if (sum === 0) ofAddress.delete(address);
    else ofAddress.set(address, sum);
  };
  return {
    reserve(address, bytes) {
      if (bytes <= MAX_SMALL_CALL_BYTES) return () => undefined;
      const own = (ofAddress.get(address) ?? 0) + bytes;
      if (own > addressBytes) throw noRoom('this address has', addressBytes, own);
      if (total + bytes > totalBytes) throw noRoom('there are', totalBytes, total + bytes);
      add(address, bytes);
      let isReserved = true;
      return () => {
        if (isReserved) add(address, -bytes);
        isReserved = false;
      };
    },
  };
}
