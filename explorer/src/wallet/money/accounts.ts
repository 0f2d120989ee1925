/** The accounts of the wallet in the three certainties of the rollup. */

import type { AccountJson } from '@quittance/rpc';

/** One account. Amounts in base units; null where the account is not that far. */
export interface OwnAccount {
  readonly index: number;
  readonly tokenId: number;
  /** Whether this wallet's key pays from it; other keys' accounts of the same owner leave by L1 only. */
  readonly isOwnKey: boolean;
  readonly soft: bigint;
  readonly posted: bigint;
  readonly final: bigint;
}

/** The parts of `0x<owner>:0x<key>`. */
export function partsOf(receiver: string): { readonly owner: string; readonly keyY: bigint } {
  const [owner = '', key = ''] = receiver.split(':');
  return { owner, keyY: BigInt(key) };
}

const balanceIn = (accounts: readonly AccountJson[], index: number): bigint =>
  BigInt(accounts.find((account) => account.index === index)?.balance ?? 0);

/** The lists of the three states as one. */
export function joinAccounts(
  keyY: bigint,
  latest: readonly AccountJson[],
  safe: readonly AccountJson[],
  finalized: readonly AccountJson[],
): readonly OwnAccount[] {
  return latest.map(({ index, tokenId, keyY: key, balance }) => ({
    index,
    tokenId,
    isOwnKey: BigInt(key) === keyY,
    soft: BigInt(balance),
    posted: balanceIn(safe, index),
    final: balanceIn(finalized, index),
  }));
}

/** The account that this wallet pays from in a token. */
export function payingAccount(accounts: readonly OwnAccount[], tokenId: number): OwnAccount | undefined {
  return accounts.find((account) => account.tokenId === tokenId && account.isOwnKey);
}
