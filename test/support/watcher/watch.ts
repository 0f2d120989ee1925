/** A watcher on real contracts in memory: its database begins at the final batch in which the accounts of lies stand. */

import {
  createAssertionChain,
  createAssertionReader,
  createRollupReader,
  NO_BLOB_SOURCE,
  type PinnedAssertionChain,
  type ReaderOptions,
} from '@quittance/chain';
import { headerHash } from '@quittance/protocol';
import type { JsonRpcApiProvider, Signer } from 'ethers';
import { silentLogger, systemClock } from '../../../runtime/index.ts';
import {
  createWatcher,
  IN_MEMORY,
  openWatcherStore,
  type Watcher,
  type WatcherOptions,
  type WatcherStore,
  type WatchReport,
} from '../../../watcher/index.ts';
import type { DeployedOptimistic, DeployedRollup } from '../contracts/deployment.ts';
import { NO_KZG } from '../derivation/no-kzg.ts';
import { l1Clock } from '../l1/clock.ts';
import type { Tip } from '../optimistic/asserted-batch.ts';
import { fastCrypto } from '../sequencer/harness.ts';

export function endpointOf({ ethers, deployment }: DeployedOptimistic): ReaderOptions {
  return { ...deployment, provider: ethers.provider as unknown as JsonRpcApiProvider };
}

export function chainOf(world: DeployedOptimistic, signer: Signer): Promise<PinnedAssertionChain> {
  const transactions = { pollMs: 20 };
  return createAssertionChain({ ...endpointOf(world), signer, clock: systemClock, logger: silentLogger, transactions });
}

/** A database that begins at the final batch `tip`, so that nothing before it is replayed. */
export function storeAt(world: DeployedOptimistic, { header, state }: Tip, file: string = IN_MEMORY): WatcherStore {
  const store = openWatcherStore({ file, ...world.deployment });
  if (store.checkpoint.get() === undefined) {
    store.commit(() =>
      store.checkpoint.move({ header, headerHash: headerHash(header), blockNumber: 0 }, state.accounts()),
    );
  }
  return store;
}

export interface WatcherSetup extends Partial<Omit<WatcherOptions, 'store'>> {
  readonly store?: WatcherStore;
  /** Who acts; nobody when absent. */
  readonly signer?: Signer;
}

/** A watcher whose database begins at `tip`. */
export async function watch(world: DeployedOptimistic, tip: Tip, setup: WatcherSetup = {}): Promise<Watcher> {
  const { signer, store = storeAt(world, tip), ...options } = setup;
  const endpoint = endpointOf(world);
  return createWatcher({
    mode: 'observe',
    reader: createRollupReader(endpoint),
    assertions: signer === undefined ? createAssertionReader(endpoint) : await chainOf(world, signer),
    store,
    ...{ blobs: NO_BLOB_SOURCE, kzg: NO_KZG },
    crypto: fastCrypto(),
    clock: await l1Clock(world.ethers.provider),
    logger: silentLogger,
    fromBlock: 0,
    maxFeePerGas: 10n ** 12n,
    ...options,
  });
}

/** "move result" of each action. */
export const actionsOf = ({ actions }: WatchReport): string[] => actions.map(({ move, result }) => `${move} ${result}`);

/** "number verdict" of each waiting batch. */
export const verdictsOf = ({ waiting }: WatchReport): string[] =>
  waiting.map(({ number, verdict }) => `${number} ${verdict}`);

/** A watcher of a rollup without optimistic mode, from its deployment on. */
export async function watchZk(world: DeployedRollup, options: Partial<WatcherOptions> = {}): Promise<Watcher> {
  const endpoint = { ...world.deployment, provider: world.ethers.provider as unknown as JsonRpcApiProvider };
  return createWatcher({
    mode: 'observe',
    reader: createRollupReader(endpoint),
    assertions: createAssertionReader(endpoint),
    store: openWatcherStore({ file: IN_MEMORY, ...world.deployment }),
    ...{ blobs: NO_BLOB_SOURCE, kzg: NO_KZG },
    crypto: fastCrypto(),
    clock: await l1Clock(world.ethers.provider),
    logger: silentLogger,
    fromBlock: 0,
    maxFeePerGas: 0n,
    ...options,
  });
}
