/** Signs transfers before the clock runs, natively and many at once, and writes the calls that carry them. */

import { type Hasher, portableHasher, signMessage, transactionMessage, transferRecord } from '@quittance/protocol';
import { encodeBinaryList } from '@quittance/rpc';
import { encodeTransfer, type Intent, operationOf, type SignedTransfer } from '@quittance/sdk';
import { isNativeAvailable, poseidonMany, signMany } from '../../../../native/index.ts';
import { writeCalls } from './calls-file.ts';
import type { FundedWallet, Wallet } from './wallets.ts';

/** An intent and whose it is. */
export interface Unsigned {
  readonly wallet: Wallet;
  readonly intent: Intent;
}

/** Transfers that are signed at once. */
const BLOCK = 10_000;

const receiverOf = (intent: Intent) =>
  intent.kind === 'transfer' || intent.kind === 'transferToNew' ? intent.receiver : { keyY: 0n, owner: 0n };

/** What each message is the hash of. */
function hashInputs(intents: readonly Intent[], domain: bigint): bigint[][] {
  const inputs: bigint[][] = [];
  // Takes down what would be hashed, so that all can be hashed together.
  const collector: Hasher = {
    hash(values) {
      inputs.push([...values]);
      return 0n;
    },
  };
  for (const intent of intents) {
    const { nonce, validUntil } = intent;
    const { fields } = transferRecord(intent);
    const { keyY: receiverKeyY, owner: receiverOwner } = receiverOf(intent);
    transactionMessage(collector, { domain, fields, nonce, validUntil, receiverKeyY, receiverOwner });
  }
  return inputs;
}

/** The signed transfers of these wallets, in order. Plain transfers and transfers to new accounts only. */
export async function signAll(unsigned: readonly Unsigned[], domain: bigint): Promise<SignedTransfer[]> {
  const isNative = isNativeAvailable();
  const inputs = hashInputs(
    unsigned.map(({ intent }) => intent),
    domain,
  );
  const ids = isNative ? poseidonMany(inputs) : inputs.map((values) => portableHasher.hash(values));
  const wallets = [...new Set(unsigned.map(({ wallet }) => wallet))];
  const positions = new Map(wallets.map((wallet, position) => [wallet, position]));
  const requests = unsigned.map(({ wallet }, position) => ({ key: positions.get(wallet)!, message: ids[position]! }));
  const pairs = wallets.map(({ keyPair }) => keyPair);
  const signatures = isNative
    ? await signMany(pairs, requests)
    : requests.map(({ key, message }) => signMessage(portableHasher, pairs[key]!, message));
  return unsigned.map(({ wallet, intent }, position) => {
    const { r8, s } = signatures[position]!;
    const authorization = { validUntil: intent.validUntil, keyX: wallet.keyPair.publicKey.x, r8, s };
    return { intent, domain, id: ids[position]!, authorization };
  });
}

/** What a call is: `rollup_sendTransfers` as JSON or as bytes, or `rollup_sendTransfer`. */
export type CallFormat = 'list' | 'binary' | 'single';

/** The body of a call. */
function callBody(id: number, transfers: readonly SignedTransfer[], format: CallFormat): Buffer {
  if (format === 'binary') {
    const list = transfers.map((transfer) => ({ operation: operationOf(transfer), nonce: transfer.intent.nonce }));
    return Buffer.from(encodeBinaryList(transfers[0]!.domain, list));
  }
  const encoded = transfers.map((transfer) => encodeTransfer(transfer));
  const call =
    format === 'list'
      ? { method: 'rollup_sendTransfers', params: { transfers: encoded } }
      : { method: 'rollup_sendTransfer', params: { transfer: encoded[0] } };
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, ...call }));
}

/** What the calls of a connection are made of. */
export interface PresignOptions {
  readonly domain: bigint;
  /** Pay each other in turn; their nonces go on. No other connection sends for them: calls overtake each other. */
  readonly wallets: readonly FundedWallet[];
  readonly fee: bigint;
  readonly transfersPerCall: number;
  readonly format: CallFormat;
  readonly calls: number;
}

/** Signs the calls of one connection and writes them to the files of `name`. */
export async function presign(name: string, options: PresignOptions): Promise<void> {
  const { domain, wallets, fee, transfersPerCall, format, calls } = options;
  const writer = writeCalls(name);
  let turn = 0;
  const next = (): Unsigned => {
    const wallet = wallets[turn % wallets.length]!;
    const other = wallets[(turn + 1) % wallets.length]!;
    turn += 1;
    const { nonce, index: from } = wallet;
    wallet.nonce += 1;
    const receiver = { keyY: other.keyPair.publicKey.y, owner: other.owner };
    const intent: Intent = { kind: 'transfer', from, to: other.index, receiver, amount: 1n, fee, nonce, validUntil: 0 };
    return { wallet, intent };
  };
  const callsPerBlock = Math.max(1, Math.floor(BLOCK / transfersPerCall));
  for (let first = 0; first < calls; first += callsPerBlock) {
    const count = Math.min(callsPerBlock, calls - first);
    const signed = await signAll(Array.from({ length: count * transfersPerCall }, next), domain);
    for (let call = 0; call < count; call++) {
      const transfers = signed.slice(call * transfersPerCall, (call + 1) * transfersPerCall);
      writer.write(
        callBody(first + call, transfers, format),
        transfers.map(({ id }) => id),
      );
    }
  }
  writer.close();
}
