/** Who takes part in the show of channels: hubs and wallets, each with a store, a rollup key and connections of its own. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  type ChannelsConstants,
  createChannelsReader,
  createRollupReader,
  createTransactionManager,
  type RollupReader,
} from '@quittance/chain';
import { channelAddress } from '@quittance/protocol';
import { createClient, createWallet, type Wallet } from '@quittance/sdk';
import { createChannelRollup, type Dialing, dialParty, type PartyTerms, type StateKeys } from '@quittance/sdk/channels';
import { hexlify, Wallet as L1Wallet } from 'ethers';
import {
  type ChannelNode,
  type ChannelServer,
  createSecretsOnL1,
  createStateKeys,
  type OpenChannelStore,
  openChannelStore,
  startChannelNode,
  startChannelServer,
  WALLET_TERMS,
} from '../../channels/index.ts';
import { LOCAL_CHAIN_ID } from '../../cli/devnet/anvil.ts';
import { nativeHasher } from '../../native/index.ts';
import { silentLogger, systemClock, unixSeconds } from '../../runtime/index.ts';
import type { LocalRollup } from '../devnet/rollup.ts';
import type { StoreFolders } from './folders.ts';

/** Where the members live. */
export interface World {
  readonly rollup: LocalRollup;
  readonly constants: ChannelsConstants;
  readonly reader: RollupReader;
  readonly folders: StoreFolders;
}

/** Somebody with channels. */
export interface Member {
  readonly name: string;
  readonly address: string;
  readonly l1: L1Wallet;
  readonly wallet: Wallet;
  readonly keys: StateKeys;
  readonly store: OpenChannelStore;
  readonly node: ChannelNode;
  readonly dialings: Dialing[];
  stop(): Promise<void>;
}

/** A hub, which listens. */
export interface Hub extends Member {
  readonly server: ChannelServer;
}

/** Base units of ETH. */
export const ETHER = 10n ** 18n;

/** What hubs take. */
export const HUB_TERMS: PartyTerms = {
  tokens: [{ tokenId: 0, least: ETHER / 1_000n, most: 1_000n * ETHER, mostInbound: 10n * ETHER }],
  period: { least: 60, most: 86_400 },
  mostChannels: 8,
  feeBase: 0n,
  feePartsPerMillion: 100,
  expiryDelta: 3_600,
};

/** The world on a rollup whose channels are deployed. */
export async function createWorld(rollup: LocalRollup, folders: StoreFolders): Promise<World> {
  const { provider, deployed } = rollup;
  const channels = createChannelsReader({
    ...{ provider, chainId: LOCAL_CHAIN_ID, contract: deployed.channels, rollup: deployed.contract },
  });
  const reader = createRollupReader({ provider, chainId: LOCAL_CHAIN_ID, contract: deployed.contract });
  return { rollup, folders, reader, constants: await channels.connect() };
}

/** A member with a key of its own. @param secret its L1 key. */
export async function createMember(
  { rollup, constants, reader, folders }: World,
  name: string,
  {
    terms = WALLET_TERMS,
    secret = hexlify(randomBytes(32)),
    folder = folders.wallets,
  }: { readonly terms?: PartyTerms; readonly secret?: string; readonly folder?: string } = {},
): Promise<Member> {
  const { provider, deployed, api, l1Url } = rollup;
  const l1 = new L1Wallet(secret, provider);
  const secretKey = Uint8Array.from(Buffer.from(secret.slice(2), 'hex'));
  const wallet = await createWallet({ secret, rpcUrl: api.url, l1: { url: l1Url, contract: deployed.contract } });
  const contract = { chainId: LOCAL_CHAIN_ID, channels: constants.contract };
  const keys = createStateKeys({ contract, secretKey, now: () => unixSeconds(systemClock) });
  const store = openChannelStore({ file: join(folder, `${name}.db`), ...contract });
  const client = createClient({ url: api.url });
  const channels = createChannelsReader({ provider, chainId: LOCAL_CHAIN_ID, contract: constants.contract });
  await channels.connect();
  const transactions = createTransactionManager({
    ...{ provider, signer: l1, clock: systemClock, logger: silentLogger, pollMs: 100 },
  });
  const node = await startChannelNode({
    ...{ address: channelAddress(secretKey), chainId: LOCAL_CHAIN_ID, constants, keys, store, wallet, terms },
    rollup: createChannelRollup({ domain: wallet.domain, client, reader, hasher: nativeHasher }),
    secrets: createSecretsOnL1({
      ...{ provider, reader: channels, constants, transactions },
      ...{ confirmations: 0, fromBlock: deployed.block },
    }),
    ...{ reader: channels, areBlocksRegular: false, clock: systemClock, logger: silentLogger },
  });
  const dialings: Dialing[] = [];
  return {
    ...{ name, address: channelAddress(secretKey), l1, wallet, keys, store, node, dialings },
    async stop() {
      for (const dialing of dialings) dialing.stop();
      await node.stop();
      wallet.close();
    },
  };
}

/** A hub that listens on a free port. */
export async function createHub(world: World, name: string, secret: string): Promise<Hub> {
  const member = await createMember(world, name, { terms: HUB_TERMS, secret, folder: world.folders.hubs });
  const server = await startChannelServer({
    ...{ party: member.node.party, host: '127.0.0.1', port: 0, clock: systemClock, logger: silentLogger },
    limits: { connectionsPerAddress: 10_000 },
  });
  const { stop } = member;
  return {
    ...member,
    server,
    async stop() {
      await server.stop();
      await stop();
    },
  };
}

/** Connects a member to a hub. */
export async function connectTo(member: Member, hub: Hub): Promise<void> {
  const dialing = dialParty({
    ...{ url: hub.server.url, expected: hub.address, party: member.node.party, clock: systemClock },
  });
  member.dialings.push(dialing);
  await dialing.connected(30_000);
}
