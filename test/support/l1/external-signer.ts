/** A signer of L1 transactions as a process of its own: JSON-RPC over HTTP, as web3signer has it. */

import { type BaseWallet, getBytes, Transaction, type TransactionLike } from 'ethers';
import { type RpcStub, startRpcStub } from './rpc-stub.ts';

/** What is wrong with it. */
export interface SignerFaults {
  /** Changes each transaction before it signs it. */
  readonly change?: (transaction: Transaction) => void;
  /** Another signature of a text each time, as some key management services make them. */
  readonly isRandom?: boolean;
  /** Answers as geth does: an object with the raw transaction. */
  readonly isLikeGeth?: boolean;
  /** Refuses to sign, with these words. */
  readonly refusal?: string;
}

/** A transaction as eth_signTransaction has it. */
interface RequestedTransaction extends Readonly<Record<string, unknown>> {
  readonly from: string;
}

/** Signs what was asked for. @returns raw bytes, without blobs: web3signer has none either. */
async function sign(wallet: BaseWallet, request: RequestedTransaction, { change }: SignerFaults): Promise<string> {
  const { from: _, gas, nonce, type, ...rest } = request;
  const transaction = Transaction.from({
    ...rest,
    gasLimit: String(gas),
    nonce: Number(nonce),
    type: Number(type),
  } as TransactionLike);
  change?.(transaction);
  transaction.signature = wallet.signingKey.sign(transaction.unsignedHash);
  return transaction.serialized;
}

/** Starts one for these accounts. */
export function startExternalSigner(wallets: readonly BaseWallet[], faults: SignerFaults = {}): Promise<RpcStub> {
  const find = (address: unknown): BaseWallet => {
    const found = wallets.find((wallet) => wallet.address.toLowerCase() === String(address).toLowerCase());
    if (found === undefined) throw new Error('signing not supported for this account');
    return found;
  };
  let texts = 0;
  return startRpcStub(async ({ method, params }) => {
    if (method === 'eth_accounts') return wallets.map(({ address }) => address.toLowerCase());
    if (faults.refusal !== undefined) throw new Error(faults.refusal);
    if (method === 'eth_sign') {
      const [address, data] = params as [string, string];
      texts += 1;
      const text = faults.isRandom === true ? `${data}${texts % 2 === 0 ? '00' : ''}` : data;
      return find(address).signMessage(getBytes(text));
    }
    if (method !== 'eth_signTransaction') throw new Error(`the method ${method} does not exist`);
    const [request] = params as [RequestedTransaction];
    const raw = await sign(find(request.from), request, faults);
    return faults.isLikeGeth === true ? { raw, tx: {} } : raw;
  });
}
