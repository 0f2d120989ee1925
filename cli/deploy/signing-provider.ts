/** An EIP-1193 provider that signs with one local key, for Ignition, which asks its node to sign. */

import { isSameAddress, RollupError } from '@quittance/protocol';
import { type JsonRpcProvider, Transaction } from 'ethers';
import type { L1Account } from '../l1/account.ts';

/** What Ignition asks of a provider. */
export interface SigningProvider {
  request(call: { readonly method: string; readonly params?: readonly unknown[] | object }): Promise<unknown>;
}

/** A transaction as eth_sendTransaction has it. */
interface TransactionJson {
  readonly from: string;
  readonly to?: string;
  readonly data?: string;
  readonly value?: string;
  readonly gas: string;
  readonly nonce: string;
  readonly gasPrice?: string;
  readonly maxFeePerGas?: string;
  readonly maxPriorityFeePerGas?: string;
}

/** A provider for `wallet`'s account; every other question goes to the node. */
export function createSigningProvider(provider: JsonRpcProvider, wallet: L1Account, chainId: bigint): SigningProvider {
  const send = async (transaction: TransactionJson): Promise<unknown> => {
    const { from, gas, nonce, to, data, value, gasPrice, maxFeePerGas, maxPriorityFeePerGas } = transaction;
    if (!isSameAddress(from, wallet.address)) {
      throw new RollupError('INVALID_KEY', `a transaction of ${from} cannot be signed by the key of ${wallet.address}`);
    }
    const fees =
      maxFeePerGas === undefined
        ? { type: 0, gasPrice: gasPrice ?? null }
        : { type: 2, maxFeePerGas, maxPriorityFeePerGas: maxPriorityFeePerGas ?? '0x0' };
    const unsigned = Transaction.from({
      chainId,
      to: to ?? null,
      data: data ?? '0x',
      value: value ?? '0x0',
      gasLimit: gas,
      nonce: Number(nonce),
      ...fees,
    });
    return provider.send('eth_sendRawTransaction', [await wallet.signTransaction(unsigned)]);
  };
  return {
    async request({ method, params = [] }) {
      const list = params as readonly unknown[];
      if (method === 'eth_accounts' || method === 'eth_requestAccounts') return [wallet.address];
      if (method === 'eth_sendTransaction') return send(list[0] as TransactionJson);
      return provider.send(method, [...list]);
    },
  };
}
