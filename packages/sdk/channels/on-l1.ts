/** Channels by L1 alone: what it says of them, and what it costs to tell it something. No operator is asked. */

import {
  type ChannelCall,
  type ChannelCalls,
  type ChannelsConstants,
  type ChannelsReader,
  channelCalls,
  createChannelsReader,
  translateChainError,
} from '@quittance/chain';
import type { TransactionReceipt } from 'ethers';
import { anyToken } from '../wallet/l1/any-token.ts';
import { openNode } from '../wallet/l1/node.ts';
import { openL1 } from '../wallet/l1/open.ts';
import type { L1Options, TokenInfo } from '../wallet/types.ts';

/** Which contract, and how L1 is read. */
export interface ChannelsOnL1Options extends Pick<L1Options, 'url' | 'provider'> {
  /** Address of the contract of the channels. */
  readonly contract: string;
}

/** A contract of channels that was found on L1. */
export interface ChannelsOnL1 {
  readonly chainId: bigint;
  readonly constants: ChannelsConstants;
  readonly reader: ChannelsReader;
  readonly calls: ChannelCalls;
  /** Wei that the rollup takes for the exit of one account. @throws RollupError L1_UNREACHABLE. */
  exitFee(): Promise<bigint>;
  /** A token of the rollup; one that says nothing of itself counts in base units. @throws RollupError L1_REJECTED, L1_UNREACHABLE. */
  token(tokenId: number): Promise<TokenInfo>;
  /** What a call takes now, without sending it. @throws RollupError L1_REJECTED with why L1 would refuse it, L1_UNREACHABLE. */
  price(from: string, call: ChannelCall): Promise<{ readonly gas: bigint; readonly costWei: bigint }>;
  /** Waits until a transaction is in a block. @throws RollupError L1_REJECTED when it failed there, L1_UNREACHABLE. */
  included(hash: string): Promise<TransactionReceipt>;
  close(): void;
}

/** How long a transaction is waited for; it may still come. */
const INCLUSION_MS = 180_000;

/**
 * Connects to the contract of channels at an address.
 *
 * @throws RollupError L1_UNREACHABLE; L1_WRONG_CHAIN where there is no contract of channels.
 * @example
 * const l1 = await openChannelsOnL1({ url, contract });
 * const close = await l1.reader.closeOf(l1.reader.vaultOf(terms));
 * if (close?.isSettled) await signer.sendTransaction(l1.calls.payout(terms, party === 'b'));
 */
export async function openChannelsOnL1({ contract, ...options }: ChannelsOnL1Options): Promise<ChannelsOnL1> {
  const { provider, chainId } = await openNode(options, () => undefined);
  try {
    const reader = createChannelsReader({ provider, chainId, contract });
    const constants = await reader.connect();
    const rollup = await openL1({ ...options, contract: constants.rollup, fromBlock: 0 });
    return {
      ...{ chainId, constants, reader, calls: channelCalls(constants) },
      exitFee: async () => (await rollup.reader.deploymentFacts()).priorityFee,
      token: (tokenId) => anyToken(rollup, tokenId),
      async price(from, call) {
        try {
          const [gas, fees] = await Promise.all([provider.estimateGas({ ...call, from }), provider.getFeeData()]);
          return { gas, costWei: gas * (fees.gasPrice ?? fees.maxFeePerGas ?? 0n) };
        } catch (error) {
          throw translateChainError('asking what it costs', error);
        }
      },
      async included(hash) {
        try {
          return (await provider.waitForTransaction(hash, 1, INCLUSION_MS))!;
        } catch (error) {
          throw translateChainError('waiting for the transaction', error);
        }
      },
      close() {
        provider.destroy();
        rollup.close();
      },
    };
  } catch (error) {
    provider.destroy();
    throw error;
  }
}
