/** The parts of a watcher: its database, and further nodes of L1. */

import { createAssertionReader, createProvider, createRollupReader } from '@quittance/chain';
import { type ErrorCode, isRollupError } from '@quittance/protocol';
import { type CheckEndpoint, IN_MEMORY, openWatcherStore, type WatcherStore } from '../../watcher/index.ts';
import type { Values } from '../config/setting.ts';
import type { L1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import type { Cleanup } from '../sequencer/cleanup.ts';
import type { LOOK_SETTINGS } from './settings.ts';

/** The database, or memory without one. @throws RollupError as `openWatcherStore`. */
export function openStore(file: string | undefined, l1: L1, contract: string, cleanup: Cleanup): WatcherStore {
  const store = openWatcherStore({ file: file ?? IN_MEMORY, chainId: l1.chainId, contract });
  cleanup.add('the database', () => store.close());
  return store;
}

/** The database is not ours to read: another process has it, or it is another rollup's. */
const ELSEWHERE: ReadonlySet<ErrorCode> = new Set(['DATABASE_IN_USE', 'DATABASE_FOREIGN', 'CONFIG_INVALID']);

/** The store of a command that only looks: while a watcher has the database, everything is read from L1. */
export function openStoreToLook(
  { output }: Context,
  { database, contract }: Values<typeof LOOK_SETTINGS>,
  l1: L1,
  cleanup: Cleanup,
): WatcherStore {
  try {
    return openStore(database, l1, contract, cleanup);
  } catch (error) {
    if (!isRollupError(error) || !ELSEWHERE.has(error.code)) throw error;
    output.say(`${error.message}. Reading everything from L1 instead`);
    return openStore(undefined, l1, contract, cleanup);
  }
}

/** Other nodes by their hosts: the rest of a URL may hold a key. */
export function openChecks(urls: readonly string[], l1: L1, contract: string, cleanup: Cleanup): CheckEndpoint[] {
  return urls.map((url) => {
    const provider = createProvider({ url, chainId: l1.chainId });
    cleanup.add('the connection to another L1 node', () => provider.destroy());
    const endpoint = { provider, chainId: l1.chainId, contract };
    return {
      name: new URL(url).host,
      reader: createRollupReader(endpoint),
      assertions: createAssertionReader(endpoint),
    };
  });
}
