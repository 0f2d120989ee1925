/** A party for a command: key, L1, rollup, store and wallet are opened, the party runs, and all of it is closed at the end. */

import {
  type ChannelsConstants,
  type ChannelsReader,
  createChannelsReader,
  createTransactionManager,
  type TransactionManager,
} from '@quittance/chain';
import { type Address, type ChannelContract, domainOf, isRollupError, RollupError } from '@quittance/protocol';
import { createClient, createWallet, type SequencerClient, type Wallet } from '@quittance/sdk';
import { createChannelRollup, type PartyTerms, type StateKeys } from '@quittance/sdk/channels';
import { getBytes, type Wallet as KeyWallet } from 'ethers';
import {
  type ChannelNode,
  createSecretsOnL1,
  createStateKeys,
  type OpenChannelStore,
  openChannelStore,
  startChannelNode,
  WALLET_TERMS,
} from '../../channels/index.ts';
import { type Logger, systemClock, unixSeconds } from '../../runtime/index.ts';
import { chooseCrypto } from '../crypto.ts';
import { connectRollup, isLocalChain, type L1, withL1 } from '../l1/connect.ts';
import { readRollupSecret } from '../l1/rollup-key.ts';
import type { Context } from '../process/command.ts';
import { warningsOf } from '../process/log.ts';
import { type Cleanup, createCleanup } from '../sequencer/cleanup.ts';
import { openPartyKey } from './key.ts';
import type { PartyValues } from './party-settings.ts';
import { createPeers, type Peers } from './peers.ts';

/** An open party. */
export interface PartySession {
  readonly context: Context;
  readonly l1: L1;
  readonly address: Address;
  readonly contract: ChannelContract;
  readonly constants: ChannelsConstants;
  readonly reader: ChannelsReader;
  readonly keys: StateKeys;
  readonly store: OpenChannelStore;
  readonly node: ChannelNode;
  readonly peers: Peers;
  readonly wallet: Wallet;
  readonly client: SequencerClient;
  readonly transactions: TransactionManager;
}

/** How a command has its party. */
export interface PartyOptions {
  readonly logger?: Logger;
  /** What others are told and held to; those of a wallet if not given. */
  readonly terms?: PartyTerms;
}

const POLL_MS = { local: 100, public: 2_000 } as const;

/** @throws RollupError as the store; of one that is open elsewhere with the way out. */
export function openStore(file: string, { chainId, channels }: ChannelContract): OpenChannelStore {
  try {
    return openChannelStore({ file, chainId, channels });
  } catch (error) {
    if (!isRollupError(error, 'DATABASE_IN_USE')) throw error;
    const message =
      `the store ${file} is open in another process, and only one can have it: two would sign different states. Wait for the ` +
      'other command, or end it first: a hub, a `channel invoice --wait`, a `channel open` that waits';
    throw new RollupError('DATABASE_IN_USE', message, { file }, { cause: error });
  }
}

async function openParts(
  context: Context,
  values: PartyValues,
  l1: L1,
  key: KeyWallet,
  logger: Logger,
  cleanup: Cleanup,
) {
  const { output } = context;
  const rollupReader = await connectRollup(l1, values.contract);
  const reader = createChannelsReader({ ...l1, contract: values.channels, rollup: values.contract });
  const constants = await reader.connect();
  const contract: ChannelContract = { chainId: l1.chainId, channels: constants.contract };
  const signer = key.connect(l1.provider);
  const wallet = await createWallet({
    signer,
    l1: { url: values.l1Url, contract: values.contract, fromBlock: values.fromBlock },
    crypto: chooseCrypto(),
    rpcUrl: values.rpcUrl,
    ...(values.rollupKey === undefined ? {} : { rollupSecret: readRollupSecret(values.rollupKey, output) }),
  });
  cleanup.add('the wallet', () => wallet.close());
  const pollMs = isLocalChain(l1.chainId) ? POLL_MS.local : POLL_MS.public;
  const transactions = createTransactionManager({ provider: l1.provider, signer, clock: systemClock, logger, pollMs });
  const client = createClient({ url: values.rpcUrl });
  const domain = domainOf({ chainId: l1.chainId, contract: values.contract });
  const rollup = createChannelRollup({ domain, client, reader: rollupReader, hasher: chooseCrypto().hasher });
  const now = (): number => unixSeconds(systemClock);
  const keys = createStateKeys({ contract, secretKey: getBytes(key.privateKey), now });
  const { confirmations, fromBlock } = values;
  const secrets = createSecretsOnL1({ ...l1, reader, constants, transactions, confirmations, fromBlock });
  return { reader, constants, contract, wallet, transactions, client, rollup, keys, secrets };
}

async function openSession(
  context: Context,
  values: PartyValues,
  key: KeyWallet,
  l1: L1,
  { cleanup, logger, terms }: { readonly cleanup: Cleanup; readonly logger: Logger; readonly terms: PartyTerms },
): Promise<PartySession> {
  const { rollup, secrets, ...parts } = await openParts(context, values, l1, key, logger, cleanup);
  const { contract, constants, keys, wallet } = parts;
  const address = key.address.toLowerCase();
  const store = openStore(values.store, contract);
  const node = await startChannelNode({
    ...{ address, chainId: l1.chainId, constants, keys, store, rollup, wallet, secrets, terms },
    ...{ clock: systemClock, logger },
  }).catch((error: unknown) => {
    store.close();
    throw error;
  });
  cleanup.add('the party', () => node.stop());
  const peers = await createPeers({
    ...{ party: node.party, documents: store.documents, clock: systemClock },
    onTrouble: (error) => logger.debug('a party is not reached', { error }),
  });
  cleanup.add('the connections', async () => {
    await peers.flush();
    peers.stop();
  });
  return { ...parts, context, l1, address, store, node, peers };
}

/**
 * Runs a party while `use` does.
 *
 * @throws UsageError or RollupError as what it opens; DATABASE_IN_USE; whatever its store failed with.
 */
export async function withParty<T>(
  context: Context,
  values: PartyValues,
  use: (session: PartySession) => Promise<T>,
  { logger = warningsOf(context.output), terms = WALLET_TERMS }: PartyOptions = {},
): Promise<T> {
  const key = await openPartyKey(values, context.output);
  return withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    const cleanup = createCleanup(logger);
    try {
      const session = await openSession(context, values, key, l1, { cleanup, logger, terms });
      const failed = session.node.failed.then((error): never => {
        throw error;
      });
      return await Promise.race([use(session), failed]);
    } finally {
      await cleanup.run();
    }
  });
}
