/** A key typed into the page, for local devnets only: a wallet like any other to the rest of the page. */

import { RollupError } from '@quittance/protocol';
import { getBytes, JsonRpcProvider, Network, Wallet } from 'ethers';
import type { Eip1193 } from './eip1193.ts';
import { chainIdText } from './eip1193.ts';

/** The chain id of anvil and Hardhat, which no chain with money has. */
export const DEVNET_CHAIN_ID = 31_337n;

/** Whether a text is a private key: 32 bytes as 0x hexadecimal. */
export function isPrivateKey(text: string): boolean {
  return /^0x[0-9a-fA-F]{64}$/.test(text.trim());
}

/** What eth_sendTransaction takes of us. */
interface Call {
  readonly to: string;
  readonly data?: string;
  readonly value?: string;
}

/** What is answered here; everything else is the node's. */
function ownMethods(wallet: Wallet): Record<string, (params: readonly unknown[]) => unknown> {
  const accounts = (): string[] => [wallet.address];
  return {
    eth_accounts: accounts,
    eth_requestAccounts: accounts,
    eth_chainId: () => chainIdText(DEVNET_CHAIN_ID),
    personal_sign: ([message]) => wallet.signMessage(getBytes(String(message))),
    eth_sendTransaction: async ([call]) => {
      const { to, data = '0x', value = '0x0' } = call as Call;
      const { hash } = await wallet.sendTransaction({ to, data, value: BigInt(value) });
      return hash;
    },
  };
}

/**
 * A wallet of a key on the devnet at `url`.
 *
 * @throws RollupError L1_WRONG_CHAIN for a node of another chain, since keys with money do not belong into a page;
 * L1_UNREACHABLE.
 */
export async function openDevnetKey(key: string, url: string): Promise<Eip1193> {
  const network = Network.from(DEVNET_CHAIN_ID);
  const node = new JsonRpcProvider(url, network, { staticNetwork: network, cacheTimeout: -1 });
  const actual = BigInt(
    await node.send('eth_chainId', []).catch((error: unknown) => {
      const reason = (error as Error).message;
      throw new RollupError('L1_UNREACHABLE', `no devnet answers at ${url}: start one, or correct the L1 URL`, {
        task: 'opening a devnet key',
        reason,
      });
    }),
  );
  if (actual !== DEVNET_CHAIN_ID) {
    const message = `${url} serves chain ${actual}; a typed key works on local devnets (chain ${DEVNET_CHAIN_ID}) only`;
    throw new RollupError('L1_WRONG_CHAIN', message, { expected: DEVNET_CHAIN_ID, actual });
  }
  const methods = ownMethods(new Wallet(key.trim(), node));
  return {
    async request({ method, params = [] }) {
      const own = methods[method];
      return own === undefined ? node.send(method, [...params]) : own(params);
    },
  };
}
