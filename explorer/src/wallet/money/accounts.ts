/** The accounts of the wallet in the three certainties of the rollup. */

import type { AccountJson } from '@quittance/rpc';
import { accountsOfOwner, type SequencerClient, type StateTag } from '@quittance/sdk';

/** One account. Amounts in base units; 0 where the account is not that far. */
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

/** What an account has in an older state; an index that was another's then says nothing of it. */
function balanceIn(accounts: readonly AccountJson[], { index, owner, keyY, tokenId }: AccountJson): bigint {
  const found = accounts.find((account) => account.index === index);
  const isSame = found?.owner === owner && found.keyY === keyY && found.tokenId === tokenId;
  return isSame ? BigInt(found.balance) : 0n;
}

/** Accounts of a key before those of others, which anybody can open for its owner. */
function ownFirst(keyY: bigint, accounts: readonly AccountJson[]): readonly AccountJson[] {
  const isOwn = ({ keyY: key }: AccountJson): boolean => BigInt(key) === keyY;
  return [...accounts.filter(isOwn), ...accounts.filter((account) => !isOwn(account))];
}

/** The lists of the three states as one, in the order of the latest. */
export function joinAccounts(
  keyY: bigint,
  latest: readonly AccountJson[],
  safe: readonly AccountJson[],
  finalized: readonly AccountJson[],
): readonly OwnAccount[] {
  return latest.map((account) => ({
    index: account.index,
    tokenId: account.tokenId,
    isOwnKey: BigInt(account.keyY) === keyY,
    soft: BigInt(account.balance),
    posted: balanceIn(safe, account),
    final: balanceIn(finalized, account),
  }));
}

/** Accounts whose older states are asked for, and which are shown: anybody can open more, and fill a page with them. */
export const MOST_SHOWN = 30;

/**
 * All accounts of a receiver's owner, those of its key first; `posted` and `final` are known of the first MOST_SHOWN.
 *
 * @throws RollupError of the connection.
 */
export async function loadAccounts(
  client: Pick<SequencerClient, 'call'>,
  receiver: string,
): Promise<readonly OwnAccount[]> {
  const { owner, keyY } = partsOf(receiver);
  const latest = ownFirst(keyY, await accountsOfOwner(client, BigInt(owner)));
  const shown = latest.slice(0, MOST_SHOWN);
  const stateOf = async (tag: StateTag) => {
    const asked = await Promise.all(shown.map(({ index }) => client.call('rollup_getAccount', { index, tag })));
    return asked.filter((account) => account !== null);
  };
  const [safe, finalized] = await Promise.all([stateOf('safe'), stateOf('finalized')]);
  return joinAccounts(keyY, latest, safe, finalized);
}

/** The account that this wallet pays from in a token. */
export function payingAccount(accounts: readonly OwnAccount[], tokenId: number): OwnAccount | undefined {
  return accounts.find((account) => account.tokenId === tokenId && account.isOwnKey);
}
