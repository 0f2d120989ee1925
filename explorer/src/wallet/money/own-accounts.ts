/** The accounts of the wallet, asked for again whenever something happened. */

import { useQuery } from '../../data/query.ts';
import type { Purse } from '../session.ts';
import { joinAccounts, type OwnAccount, partsOf } from './accounts.ts';

/** The accounts; undefined until all three states are known. */
export function useOwnAccounts({ wallet }: Purse): {
  readonly accounts: readonly OwnAccount[] | undefined;
  readonly error: unknown;
} {
  const { owner, keyY } = partsOf(wallet.receiver);
  const ask = (tag: 'latest' | 'safe' | 'finalized') => useQuery('rollup_getAccounts', { owner, tag });
  const [latest, safe, finalized] = [ask('latest'), ask('safe'), ask('finalized')];
  const error = latest.error ?? safe.error ?? finalized.error;
  if (latest.data === undefined || safe.data === undefined || finalized.data === undefined) {
    return { accounts: undefined, error };
  }
  return { accounts: joinAccounts(keyY, latest.data, safe.data, finalized.data), error };
}
