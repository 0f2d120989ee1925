/** A party of the benchmark as a process has it: its store on disk, its channels, and what it passes on. */

import { join } from 'node:path';
import type { PartyTerms } from '@quittance/sdk/channels';
import { type ChannelNode, openChannelStore, startChannelNode } from '../../../../channels/index.ts';
import { silentLogger, systemClock } from '../../../../runtime/index.ts';
import { CAPACITY, CONTRACT, IMPLEMENTATION, type Member } from './members.ts';

/** What the hub keeps of a payment. */
export const FEE = 1n;

const TERMS: PartyTerms = {
  tokens: [{ tokenId: 0, least: 1n, most: CAPACITY, mostInbound: CAPACITY }],
  period: { least: 86_400, most: 86_400 },
  mostChannels: 1,
  feeBase: FEE,
  feePartsPerMillion: 0,
  expiryDelta: 3_600,
};

const NO_HASH = `0x${'00'.repeat(32)}`;

/** No payment of the benchmark touches the rollup. */
function none(): never {
  throw new Error('a payment in a channel asked for the rollup');
}

/** Starts a party. Its store is that of a node: each commit is on disk when it ends. */
export async function startMember(
  { address, keys, number }: Member,
  folder: string,
): Promise<ChannelNode & { readonly store: ReturnType<typeof openChannelStore> }> {
  const { chainId, channels } = CONTRACT;
  const store = openChannelStore({ file: join(folder, `party-${number}.db`), chainId, channels });
  const node = await startChannelNode({
    ...{ address, keys, store, chainId, terms: TERMS, clock: systemClock, logger: silentLogger },
    constants: { contract: channels, implementation: IMPLEMENTATION } as never,
    rollup: { domain: 1n, account: none, isAccount: none, fee: none, submit: none },
    wallet: { transfer: none, resume: none, accounts: none, receiver: '' },
    secrets: {
      time: async () => keys.now(),
      revealedAt: async () => undefined,
      secretOf: async () => undefined,
      reveal: none,
    },
    // Nobody closes, on an L1 that stands still.
    reader: {
      head: async () => ({ number: 0, hash: NO_HASH, parentHash: NO_HASH, timestamp: keys.now() }),
      events: async () => [],
      closeOf: async () => undefined,
    },
    areBlocksRegular: false,
  });
  void node.failed.then((error) => {
    console.error(error);
    process.exit(1);
  });
  return { ...node, store };
}
