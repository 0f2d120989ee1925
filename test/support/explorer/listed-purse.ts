/** An open wallet of the explorer whose sequencer knows nothing but a list of accounts and a fee. */

import type { AccountJson, MethodName } from '@quittance/rpc';
import { MAX_ACCOUNTS } from '@quittance/rpc';
import type { Purse } from '../../../explorer/src/wallet/session.ts';

interface Asked {
  readonly index?: number;
  readonly owner?: string;
  readonly after?: number;
  readonly tag?: string;
}

/** What the double of the sequencer was asked. */
export interface ListedPurse {
  readonly purse: Purse;
  readonly calls: { readonly method: MethodName; readonly params: Asked }[];
}

/** @param receiver of the wallet. @param accounts by ascending index, as of every state. @param fee suggested for every token. */
export function listedPurse(receiver: string, accounts: readonly AccountJson[], fee = 1n): ListedPurse {
  const calls: ListedPurse['calls'][number][] = [];
  const answers: Partial<Record<MethodName, (params: Asked) => unknown>> = {
    rollup_getAccount: ({ index }) => accounts.find((account) => account.index === index) ?? null,
    rollup_getAccounts: ({ owner, after = -1 }) =>
      accounts.filter((account) => account.owner === owner && account.index > after).slice(0, MAX_ACCOUNTS),
  };
  const client = {
    async call(method: MethodName, params: Asked) {
      calls.push({ method, params });
      return answers[method]!(params);
    },
  };
  const tokens = ['ETH', 'USD'].map((symbol, tokenId) => ({
    tokenId,
    symbol,
    decimals: 0,
    address: `0x${'00'.repeat(20)}`,
  }));
  const wallet = { receiver, estimateFee: async () => fee };
  return { calls, purse: { place: { client }, wallet, tokens } as unknown as Purse };
}
