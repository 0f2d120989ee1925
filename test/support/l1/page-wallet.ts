/** A wallet as pages meet it: an EIP-1193 provider over a key and a node, which a test can have misbehave. */

import { type JsonRpcProvider, Transaction, type TransactionResponse, Wallet } from 'ethers';

/** What becomes of a transaction that it is asked for. */
export type Behaviour =
  | 'sends'
  /** Sends, and then says that it failed. */
  | 'throws after sending'
  | 'throws'
  | 'declines'
  /** Sends, and then sends the same under the same nonce for more: the hash that it gave is of no block. */
  | 'speeds up';

export interface PageWallet {
  readonly address: string;
  request(call: { readonly method: string; readonly params?: unknown }): Promise<unknown>;
  behaviour: Behaviour;
  /** Hashes of what it sent. */
  readonly sent: string[];
}

interface Asked {
  readonly to: string;
  readonly data: string;
  readonly value: string;
}

export function createPageWallet(secret: string, provider: JsonRpcProvider): PageWallet {
  const wallet = new Wallet(secret, provider);
  const send = async ({ to, data, value }: Asked): Promise<TransactionResponse> => {
    const transaction = await wallet.sendTransaction({ to, data, value: BigInt(value) });
    page.sent.push(transaction.hash);
    return transaction;
  };

  /** The hash of a transaction that never gets into a block, since the same one for more does. */
  async function speedUp({ to, data, value }: Asked): Promise<string> {
    const nonce = await provider.getTransactionCount(wallet.address);
    const request = await wallet.populateTransaction({ to, data, value: BigInt(value), nonce });
    const { maxFeePerGas, maxPriorityFeePerGas } = request;
    const raised = {
      maxFeePerGas: BigInt(maxFeePerGas!) * 2n,
      maxPriorityFeePerGas: BigInt(maxPriorityFeePerGas!) * 2n,
    };
    await send({ to, data, value });
    return Transaction.from(await wallet.signTransaction({ ...request, ...raised })).hash!;
  }

  async function sendAsTold(asked: Asked): Promise<string> {
    if (page.behaviour === 'declines') throw Object.assign(new Error('User rejected the request.'), { code: 4001 });
    if (page.behaviour === 'throws') throw new Error('the wallet crashed');
    if (page.behaviour === 'speeds up') return speedUp(asked);
    const { hash } = await send(asked);
    if (page.behaviour === 'throws after sending') throw new Error('the wallet crashed');
    return hash;
  }

  const page: PageWallet = {
    address: wallet.address,
    behaviour: 'sends',
    sent: [],
    async request({ method, params }) {
      const list = params as readonly unknown[];
      if (method === 'eth_requestAccounts' || method === 'eth_accounts') return [wallet.address];
      if (method === 'eth_chainId') return provider.send(method, []);
      if (method === 'personal_sign') return wallet.signMessage(Buffer.from(String(list[0]).slice(2), 'hex'));
      if (method === 'eth_sendTransaction') return sendAsTold(list[0] as Asked);
      throw Object.assign(new Error(`the wallet does not know ${method}`), { code: 4200 });
    },
  };
  return page;
}
