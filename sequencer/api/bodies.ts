/**
 * Bounds what large bodies that are on their way may take of the memory: by what has arrived of them, not by what they
 * announce. Small ones are bounded by the connections.
 */

import { RollupError } from '@quittance/protocol';
import { MAX_SMALL_CALL_BYTES } from './scan.ts';

/** The large bodies that are being read or answered. */
export interface Bodies {
  /** A body of an address, of which nothing has arrived yet. */
  open(address: string): Room;
}

/** The room of one body. */
export interface Room {
  /** Asks for `bytes` in all without taking them. @throws RollupError RATE_LIMITED when there are not as many now. */
  require(bytes: number): void;
  /**
   * Makes room for `bytes` in all.
   *
   * @throws RollupError RATE_LIMITED when there is none, for this address or for anybody; the body keeps what it had.
   */
  grow(bytes: number): void;
  /** Gives the room back; later calls do nothing. */
  release(): void;
}

/** Most bytes of all addresses, and of one, which is a part of them: of what others leave it has that part, too. */
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
  const requireRoom = (address: string, bytes: number): void => {
    const before = ofAddress.get(address) ?? 0;
    const own = before + bytes;
    if (own > addressBytes) throw noRoom('this address has', addressBytes, own);
    // Of what the others leave an address has the same part as of all, so that a few cannot fill it.
    const limit = Math.floor(addressBytes * (1 - (total - before) / totalBytes));
    if (own > limit) throw noRoom('there are', limit, own);
  };
  return {
    open(address) {
      let reserved = 0;
      let isOpen = true;
      /** What is missing to `bytes`, which there is. */
      const missing = (bytes: number): number => {
        const more = (bytes > MAX_SMALL_CALL_BYTES ? bytes : 0) - reserved;
        if (!isOpen || more <= 0) return 0;
        requireRoom(address, more);
        return more;
      };
      return {
        require: (bytes) => void missing(bytes),
        grow(bytes) {
          const more = missing(bytes);
          if (more > 0) add(address, more);
          reserved += more;
        },
        release() {
          if (isOpen && reserved > 0) add(address, -reserved);
          isOpen = false;
        },
      };
    },
  };
}
