/**
 * Keeps transactions away from anvil while it reorganizes, which it does not do at one stroke: one that comes in between is
 * executed on the state of before, in a block of the new chain on whose state no later block builds. No L1 has such a block.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonRpcProvider } from 'ethers';

const LOOK_MS = 20;

/** Does something while no transaction is on its way, and none leaves: those that are to be sent wait for its end. */
export type Calm = <T>(work: () => Promise<T>) => Promise<T>;

/** @param provider whose signed transactions wait. */
export function createCalm(provider: JsonRpcProvider): Calm {
  const send = provider.send.bind(provider);
  let open = Promise.resolve();
  let underWay = 0;
  provider.send = async (method, parameters) => {
    if (method !== 'eth_sendRawTransaction') return send(method, parameters);
    await open;
    underWay += 1;
    try {
      return await send(method, parameters);
    } finally {
      underWay -= 1;
    }
  };

  /** A transaction leaves the pool when its block is there. */
  const isPoolEmpty = async (): Promise<boolean> => BigInt((await send('txpool_status', [])).pending) === 0n;

  return async (work) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    open = promise;
    try {
      while (underWay > 0 || !(await isPoolEmpty())) await sleep(LOOK_MS);
      return await work();
    } finally {
      resolve();
    }
  };
}
