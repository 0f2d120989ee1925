/** Who signs on L1: signers of ethers, wallet clients of viem and EIP-1193 providers, all as one small interface. */

import { RollupError } from '@quittance/protocol';
import { hexlify, toUtf8Bytes } from 'ethers';
import { refusable } from './refusal.ts';
import type { Eip1193Provider, WalletSigner } from './types.ts';

/** What a transaction is to a signer. */
type Call = Parameters<WalletSigner['sendTransaction']>[0];

/** The parts of a signer of ethers that are used. */
interface EthersSigner {
  getAddress(): Promise<string>;
  signMessage(message: string): Promise<string>;
  sendTransaction(call: Call): Promise<{ readonly hash: string }>;
  readonly provider?: { getNetwork(): Promise<{ readonly chainId: bigint }> } | null;
}

/** The parts of a wallet client of viem that are used. */
interface ViemClient {
  readonly account?: { readonly address: string } | undefined;
  readonly chain?: unknown;
  getAddresses(): Promise<readonly string[]>;
  getChainId(): Promise<number>;
  signMessage(options: { readonly account: unknown; readonly message: string }): Promise<string>;
  sendTransaction(options: object): Promise<string>;
}

const has = (value: unknown, ...names: readonly string[]): boolean =>
  typeof value === 'object' &&
  value !== null &&
  names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');

async function fromEthers(signer: EthersSigner): Promise<WalletSigner> {
  return {
    address: await signer.getAddress(),
    signMessage: (message) => signer.signMessage(message),
    sendTransaction: async (call) => (await signer.sendTransaction(call)).hash,
    chainId: async () => (await signer.provider?.getNetwork())?.chainId,
  };
}

async function fromViem(client: ViemClient): Promise<WalletSigner> {
  const account = client.account ?? (await client.getAddresses())[0];
  if (account === undefined) throw unusable('the wallet client has no account');
  return {
    address: typeof account === 'string' ? account : account.address,
    signMessage: (message) => client.signMessage({ account, message }),
    // Without a chain of its own the client takes that of the node.
    sendTransaction: (call) => client.sendTransaction({ account, chain: client.chain ?? null, ...call }),
    chainId: async () => BigInt(await client.getChainId()),
  };
}

async function fromProvider(provider: Eip1193Provider): Promise<WalletSigner> {
  const accounts = await provider.request({ method: 'eth_requestAccounts' });
  const address = Array.isArray(accounts) ? (accounts[0] as unknown) : undefined;
  if (typeof address !== 'string') throw unusable('the wallet gives no account');
  const ask = async (method: string, params: readonly unknown[]) => String(await provider.request({ method, params }));
  return {
    address,
    signMessage: (message) => ask('personal_sign', [hexlify(toUtf8Bytes(message)), address]),
    sendTransaction: ({ to, data, value }) =>
      ask('eth_sendTransaction', [{ from: address, to, data, value: `0x${value.toString(16)}` }]),
    chainId: async () => BigInt(await ask('eth_chainId', [])),
  };
}

function unusable(why: string): RollupError {
  const expected = 'an ethers Signer, a viem WalletClient with an account, an EIP-1193 provider, or a WalletSigner';
  return new RollupError('CONFIG_INVALID', `the signer cannot be used: ${why}; give ${expected}`, { name: 'signer' });
}

async function adapt(signer: unknown): Promise<WalletSigner> {
  if (has(signer, 'getAddress', 'signMessage', 'sendTransaction')) return fromEthers(signer as EthersSigner);
  if (has(signer, 'getAddresses', 'signMessage', 'sendTransaction')) return fromViem(signer as ViemClient);
  const { address } = (signer ?? {}) as { readonly address?: unknown };
  if (has(signer, 'signMessage', 'sendTransaction') && typeof address === 'string') return signer as WalletSigner;
  if (has(signer, 'request')) return fromProvider(signer as Eip1193Provider);
  throw unusable('it is of no kind that is known');
}

/**
 * Any of these signers as a `WalletSigner`, whose refusals are RollupError SIGNER_REFUSED.
 *
 * @throws RollupError CONFIG_INVALID for anything else, SIGNER_REFUSED when the user does not connect.
 * @example const signer = await toSigner(window.ethereum);
 */
export async function toSigner(signer: unknown): Promise<WalletSigner> {
  const adapted = await refusable('', () => adapt(signer));
  const { address } = adapted;
  return {
    address,
    signMessage: (message) => refusable(address, () => adapted.signMessage(message)),
    sendTransaction: (call) => refusable(address, () => adapted.sendTransaction(call)),
    chainId: async () => adapted.chainId?.(),
  };
}
