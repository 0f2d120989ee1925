/** Sends the transactions of a wallet, one at a time: with its own key, raised when they are stuck, or through who has the key. */

import { createTransactionManager, rollupInterface } from '@quittance/chain';
import { isRollupError, LOCAL_CHAIN_IDS, RollupError } from '@quittance/protocol';
import { formatEther, type TransactionReceipt } from 'ethers';
import type { Connection } from '../connection.ts';
import type { L1Call } from './broadcast.ts';
import { sendForeign } from './foreign.ts';
import type { L1 } from './open.ts';
import { SILENT } from './silent.ts';

/** Sends for one wallet. */
export interface L1Sender {
  /**
   * Sends a call and waits until it is in a block.
   *
   * @throws RollupError INSUFFICIENT_FUNDS, or as `sendForeign` or the transaction manager's `send`.
   */
  send(call: L1Call, signal?: AbortSignal): Promise<TransactionReceipt>;
  /** Calls a function of the rollup contract. Throws as `send`. */
  transact(
    name: string,
    args: readonly unknown[],
    value: bigint,
    signal?: AbortSignal | undefined,
  ): Promise<TransactionReceipt>;
}

const POLL_MS = { local: 100, public: 2_000 } as const;

/** Whether a node refused since the account cannot pay. */
function isPoor(error: unknown): boolean {
  const codes = [error, (error as { cause?: unknown } | undefined)?.cause].map(
    (one) => (one as { code?: unknown } | undefined)?.code,
  );
  return codes.includes('INSUFFICIENT_FUNDS') || /insufficient funds/i.test(String((error as Error)?.message));
}

/** How transactions of this wallet get into a block. */
function createWay({ owner, clock }: Connection, { provider, chainId }: L1): L1Sender['send'] {
  const { local, signer } = owner;
  if (local === undefined) return (call, signal) => sendForeign({ provider, chainId, signer, clock }, call, signal);
  const manager = createTransactionManager({
    ...{ provider, signer: local.connect(provider), clock, logger: SILENT },
    pollMs: LOCAL_CHAIN_IDS.includes(chainId) ? POLL_MS.local : POLL_MS.public,
  });
  return (call, signal) => manager.send(call, signal);
}

/** A sender for a wallet on this L1. */
export function createL1Sender(connection: Connection, l1: L1): L1Sender {
  const { address } = connection.owner.signer;
  const way = createWay(connection, l1);
  let queue: Promise<unknown> = Promise.resolve();

  async function sendNow(call: L1Call, signal: AbortSignal | undefined): Promise<TransactionReceipt> {
    signal?.throwIfAborted();
    try {
      return await way(call, signal);
    } catch (error) {
      if (!isRollupError(error) || !isPoor(error)) throw error;
      const balance = await l1.provider.getBalance(address);
      const needed = call.value;
      const message = `${address} has ${formatEther(balance)} ETH on L1, too little for ${formatEther(needed)} ETH plus gas: fund it first`;
      throw new RollupError('INSUFFICIENT_FUNDS', message, { account: address, balance, needed }, { cause: error });
    }
  }

  const send: L1Sender['send'] = (call, signal) => {
    const sent = queue.then(() => sendNow(call, signal));
    queue = sent.catch(() => undefined);
    return sent;
  };
  return {
    send,
    transact: (name, args, value, signal) =>
      send({ to: l1.contract, data: rollupInterface.encodeFunctionData(name, args), value }, signal),
  };
}
