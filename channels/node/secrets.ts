/** Secrets on L1, as of a block that has its confirmations. */

import { type ChannelsConstants, type ChannelsReader, channelCalls, type TransactionManager } from '@quittance/chain';
import type { Bytes32 } from '@quittance/protocol';
import type { SecretsOnL1 } from '@quittance/sdk/channels';
import type { JsonRpcApiProvider } from 'ethers';

export interface SecretsOptions {
  readonly provider: JsonRpcApiProvider;
  readonly reader: ChannelsReader;
  readonly constants: ChannelsConstants;
  readonly transactions: Pick<TransactionManager, 'send'>;
  readonly confirmations: number;
  /** First block that can have a secret. */
  readonly fromBlock: number;
}

/** The secrets of HTLCs over the reader of the contracts. */
export function createSecretsOnL1(options: SecretsOptions): SecretsOnL1 {
  const { provider, reader, constants, transactions, confirmations, fromBlock } = options;
  let confirmed: { readonly number: number; readonly hash: Bytes32 } | undefined;
  return {
    async time() {
      const head = await reader.head();
      const block = await provider.getBlock(Math.max(0, head.number - confirmations));
      confirmed = { number: block!.number, hash: block!.hash! };
      return block!.timestamp;
    },
    revealedAt: (hash) => reader.revealedAt(hash, confirmed?.hash),
    async secretOf(hash) {
      const toBlock = confirmed?.number ?? (await reader.head()).number;
      return (await reader.revealed({ fromBlock, toBlock, hash }))[0]?.secret;
    },
    async reveal(secret) {
      await transactions.send(channelCalls(constants).reveal(secret));
    },
  };
}
