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

/** Secrets of one transaction, at most: some 30,000 gas each, of a block's tens of millions. */
export const MOST_REVEALED = 200;

/** A secret that waits to be shown, and who waits for that. */
interface Waiting extends PromiseWithResolvers<void> {
  readonly secret: Bytes32;
}

/**
 * Shows secrets, all that wait in one transaction as soon as the one before is in a block: were each in a block of its own, whoever
 * makes many payers fall silent at once could have a hub show too few of them in time.
 */
function createRevealing({ constants, transactions }: SecretsOptions): (secret: Bytes32) => Promise<void> {
  const calls = channelCalls(constants);
  const waiting: Waiting[] = [];
  let isSending = false;
  const send = async (): Promise<void> => {
    isSending = true;
    await Promise.resolve(); // whatever is asked for in this turn goes together
    while (waiting.length > 0) {
      const now = waiting.splice(0, MOST_REVEALED);
      const [first] = now;
      const call = now.length === 1 ? calls.reveal(first!.secret) : calls.revealAll(now.map(({ secret }) => secret));
      try {
        await transactions.send(call);
        for (const one of now) one.resolve();
      } catch (error) {
        for (const one of now) one.reject(error);
      }
    }
    isSending = false;
  };
  return (secret) => {
    const one = { secret, ...Promise.withResolvers<void>() };
    waiting.push(one);
    if (!isSending) void send();
    return one.promise;
  };
}

/** The secrets of HTLCs over the reader of the contracts. */
export function createSecretsOnL1(options: SecretsOptions): SecretsOnL1 {
  const { provider, reader, confirmations, fromBlock } = options;
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
    reveal: createRevealing(options),
  };
}
