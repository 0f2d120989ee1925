/** The accounts of the wallet, asked for again whenever something happened. */

import { useAnswer } from '../../data/query.ts';
import type { Purse } from '../session.ts';
import { loadAccounts, type OwnAccount } from './accounts.ts';

/** The accounts; undefined until all three states are known. */
export function useOwnAccounts({ wallet }: Purse): {
  readonly accounts: readonly OwnAccount[] | undefined;
  readonly error: unknown;
} {
  const { receiver } = wallet;
  const { data, error } = useAnswer(`accounts of ${receiver}`, (client) => loadAccounts(client, receiver));
  return { accounts: data, error };
}
