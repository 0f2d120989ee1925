/** The interface of browser wallets. Source: EIP-1193. */

/** A wallet as a page sees it. */
export interface Eip1193 {
  request(call: { readonly method: string; readonly params?: readonly unknown[] }): Promise<unknown>;
  on?(event: string, listener: (value: unknown) => void): unknown;
  removeListener?(event: string, listener: (value: unknown) => void): unknown;
}

/** Numbers of EIP-1193 and of its extensions that pages have to know. */
export const WalletError = {
  /** The person refused. */
  rejected: 4001,
  /** The wallet does not let this page ask. */
  unauthorized: 4100,
  /** wallet_switchEthereumChain of a chain that the wallet does not know (EIP-3326). */
  unknownChain: 4902,
  /** A request of this kind waits for the person already (EIP-1474). */
  pending: -32002,
} as const;

/** The number of an error that a wallet threw, wherever the wallet put it; undefined when it has none. */
export function walletErrorCode(error: unknown, depth = 0): number | undefined {
  if (typeof error !== 'object' || error === null || depth > 4) return undefined;
  const { code, cause, error: inner, info, data } = error as Record<string, unknown>;
  if (typeof code === 'number') return code;
  for (const next of [cause, inner, info, (data as Record<string, unknown> | undefined)?.['originalError']]) {
    const found = walletErrorCode(next, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The chain that a wallet is on. */
export async function chainIdOf(provider: Eip1193): Promise<bigint> {
  return BigInt(String(await provider.request({ method: 'eth_chainId' })));
}

/** `1` → `0x1`, as wallets write chain ids. */
export function chainIdText(chainId: bigint): string {
  return `0x${chainId.toString(16)}`;
}
