/**
 * Who may be on the way to the leader, and when: no address has more than its share of what waits and of what is being
 * answered, and whoever waits takes turns, so that one client cannot stand before all others.
 */

import { RollupError } from '@quittance/protocol';
import { createShares } from '../api/shares.ts';
import { createTurns } from '../mempool/turns.ts';

/** Calls that wait or are on their way at a time, and their bytes. */
export const MAX_FORWARDS = 1_024;
export const MAX_FORWARD_BYTES = 64 << 20;
/** Calls that are on their way at a time: as many connections lead to the leader. */
export const MAX_IN_FLIGHT = 64;
/** What one address has of each at most. Half of the connections stay free for others while its calls take long. */
export const PER_ADDRESS = {
  forwards: MAX_FORWARDS / 16,
  bytes: MAX_FORWARD_BYTES / 16,
  inFlight: MAX_IN_FLIGHT / 2,
} as const;

/** Lets calls pass. */
export interface Lanes {
  /**
   * Does `work` when it is the turn of the address.
   *
   * @param bytes of the call. @throws RollupError MEMPOOL_FULL when too much is on its way, of this address or of all; or
   * what `work` throws.
   */
  pass<T>(address: string, bytes: number, work: () => Promise<T>): Promise<T>;
}

function tooMany(whose: string, actual: number, expected: number): RollupError<'MEMPOOL_FULL'> {
  const message = `${actual} calls ${whose} are on their way to the leader, and no more may be; send it again later`;
  return new RollupError('MEMPOOL_FULL', message, { expected, actual });
}

/** Places for calls and their bytes. @returns takes one of them and gives back how to free it. @throws as `Lanes.pass`. */
function createPlaces(): (address: string, bytes: number) => () => void {
  const calls = createShares(PER_ADDRESS.forwards);
  const held = createShares(PER_ADDRESS.bytes);
  return (address, bytes) => {
    if (calls.total >= MAX_FORWARDS || held.total + bytes > MAX_FORWARD_BYTES)
      throw tooMany('of all clients', calls.total, MAX_FORWARDS);
    const freeCall = calls.take(address, 1);
    const freeBytes = freeCall && held.take(address, bytes);
    if (freeBytes !== undefined)
      return () => {
        freeCall!();
        freeBytes();
      };
    freeCall?.();
    throw tooMany('of this address', PER_ADDRESS.forwards, PER_ADDRESS.forwards);
  };
}

/** Nothing is on its way. */
export function createLanes(): Lanes {
  const place = createPlaces();
  /** Which addresses have how many on their way, or about to be. */
  const admitted = createShares(PER_ADDRESS.inFlight);
  const ready = createTurns<() => void>(MAX_FORWARDS);
  /** Calls of an address behind its own that are admitted. */
  const behind = new Map<string, (() => void)[]>();
  let inFlight = 0;

  const pump = (): void => {
    while (inFlight < MAX_IN_FLIGHT && ready.size > 0) {
      inFlight += 1;
      ready.take(1)[0]!();
    }
  };
  /** Admits a call, which says when it is over; else it waits for one of its address. */
  const admit = (address: string, start: (onOver: () => void) => void): void => {
    const leave = admitted.take(address, 1);
    if (leave === undefined) {
      const waiting = behind.get(address) ?? [];
      behind.set(address, waiting);
      waiting.push(() => admit(address, start));
      return;
    }
    const onOver = (): void => {
      inFlight -= 1;
      leave();
      const waiting = behind.get(address);
      const next = waiting?.shift();
      if (waiting?.length === 0) behind.delete(address);
      next?.();
      pump();
    };
    ready.add({ address, connection: 0 }, () => start(onOver));
  };

  return {
    async pass(address, bytes, work) {
      const free = place(address, bytes);
      try {
        const onOver = await new Promise<() => void>((resolve) => {
          admit(address, resolve);
          pump();
        });
        try {
          return await work();
        } finally {
          onOver();
        }
      } finally {
        free();
      }
    },
  };
}
