/** A party for a command: key, L1, rollup, store and wallet are opened, the party runs, and all of it is closed at the end. */

import {
  type ChannelsConstants,
  type ChannelsReader,
  createChannelsReader,
  createTransactionManager,
  type TransactionManager,
} from '@quittance/chain';
import {
  type Address,
  type ChannelContract,
  domainOf,
  isRollupError,
  isSameAddress,
  RollupError,
} from '@quittance/protocol';
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
import { type Logger, silentLogger, systemClock, unixSeconds } from '../../runtime/index.ts';
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
  /** Nothing is asked of the sequencer: it may be gone. What the party knows of the rollup is what it knew last. */
  readonly isWithoutSequencer?: boolean;
}

/** The same, decided. */
interface Opened extends Required<PartyOptions> {
  readonly cleanup: Cleanup;
}

/** A reorganization of fewer blocks takes no secret back that was believed, nor money that was given back for want of one. */
const CONFIRMATIONS = { local: 1, public: 12 } as const;
const POLL_MS = { local: 100, public: 2_000 } as const;

/** @throws RollupError as the store; of one that is open elsewhere with the way out. */
function openStore(file: string, { chainId, channels }: ChannelContract): OpenChannelStore {
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

/** @throws RollupError DATABASE_FOREIGN when the store is that of another party: its states are signed with another key. */
async function requireOwn(store: OpenChannelStore, address: Address): Promise<void> {
  for (const { terms, party } of await store.load()) {
    const owner = terms[party];
    if (isSameAddress(owner, address)) continue;
    const message =
      `the store ${store.file} has the channels of ${owner}, and the key is that of ${address}: give the keystore of that ` +
      'account, or name another store';
    throw new RollupError('DATABASE_FOREIGN', message, { file: store.file, expected: address, actual: owner });
  }
}

async function openParts(
  context: Context,
  values: PartyValues,
  l1: L1,
  key: KeyWallet,
  { logger, cleanup, isWithoutSequencer }: Opened,
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
    ...(isWithoutSequencer ? {} : { rpcUrl: values.rpcUrl }),
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
  const { confirmations = isLocalChain(l1.chainId) ? CONFIRMATIONS.local : CONFIRMATIONS.public, fromBlock } = values;
  const secrets = createSecretsOnL1({ ...l1, reader, constants, transactions, confirmations, fromBlock });
  return { reader, constants, contract, wallet, transactions, client, rollup, keys, secrets };
}

async function openSession(
  context: Context,
  values: PartyValues,
  key: KeyWallet,
  l1: L1,
  opened: Opened,
): Promise<PartySession> {
  const { cleanup, logger, terms, isWithoutSequencer } = opened;
  const { rollup, secrets, ...parts } = await openParts(context, values, l1, key, opened);
  const { contract, constants, keys, reader, wallet } = parts;
  const address = key.address.toLowerCase();
  const store = openStore(values.store, contract);
  const startNode = async (): Promise<ChannelNode> => {
    await requireOwn(store, address);
    return startChannelNode({
      ...{ address, chainId: l1.chainId, constants, keys, store, rollup, wallet, secrets, reader, terms },
      areBlocksRegular: !isLocalChain(l1.chainId),
      // Its looks at the rollup would fail, which nobody needs to hear.
      ...{ clock: systemClock, logger: isWithoutSequencer ? silentLogger : logger },
    });
  };
  const node = await startNode().catch((error: unknown) => {
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
  { logger = warningsOf(context.output), terms = WALLET_TERMS, isWithoutSequencer = false }: PartyOptions = {},
): Promise<T> {
  const key = await openPartyKey(values, context.output);
  return withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    const cleanup = createCleanup(logger);
    try {
      const session = await openSession(context, values, key, l1, { cleanup, logger, terms, isWithoutSequencer });
      const failed = session.node.failed.then((error): never => {
        throw error;
      });
      return await Promise.race([use(session), failed]);
    } finally {
      await cleanup.run();
    }
  });
}
