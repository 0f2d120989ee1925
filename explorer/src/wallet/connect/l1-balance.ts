/** What an address has on L1, asked of the wallet's node. */

import type { Eip1193 } from './eip1193.ts';

/** balanceOf(address) of ERC-20. */
const BALANCE_OF = '0x70a08231';

/** @param token its address; the zero address for ETH. @throws what the wallet throws. */
export async function balanceOnL1(provider: Eip1193, owner: string, token: string): Promise<bigint> {
  if (BigInt(token) === 0n) {
    return BigInt(String(await provider.request({ method: 'eth_getBalance', params: [owner, 'latest'] })));
  }
  const data = `${BALANCE_OF}${owner.slice(2).toLowerCase().padStart(64, '0')}`;
  return BigInt(String(await provider.request({ method: 'eth_call', params: [{ to: token, data }, 'latest'] })));
}
