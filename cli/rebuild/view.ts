/** A rebuilt rollup as data and as text. */

import type { RollupReader } from '@quittance/chain';
import type { ClaimableBatches, RebuiltRollup, WithdrawalClaim } from '@quittance/derivation';
import { withdrawalsOf } from '@quittance/derivation';
import { type Account, addressText, type StoredHeader, unpackOwnerAndToken } from '@quittance/protocol';

/** One account. */
export interface AccountView {
  readonly index: number;
  readonly owner: string;
  readonly keyY: string;
  readonly tokenId: number;
  readonly nonce: number;
  readonly balance: bigint;
}

function accountView(index: number, { owner, keyY, tokenId, nonce, balance }: Account): AccountView {
  return { index, owner: addressText(owner), keyY: keyY.toString(), tokenId, nonce, balance };
}

/** A withdrawal that waits for its claim, with all that `claimWithdrawals` takes. */
export interface UnclaimedView {
  readonly batch: number;
  readonly index: number;
  readonly owner: string;
  readonly tokenId: number;
  readonly amount: bigint;
  readonly claim: {
    readonly header: StoredHeader;
    readonly ownerAndToken: bigint;
    readonly siblings: readonly string[];
  };
}

/** What the command prints. */
export interface RebuildView {
  readonly contract: string;
  readonly chainId: bigint;
  readonly batch: number;
  readonly stateRoot: bigint;
  readonly headerHash: string;
  readonly header: StoredHeader;
  readonly accountCount: number;
  readonly accounts: readonly AccountView[];
  readonly unclaimed: readonly UnclaimedView[];
}

function unclaimedView({ header, index, ownerAndToken, amount, siblings }: WithdrawalClaim): UnclaimedView {
  const { owner, tokenId } = unpackOwnerAndToken(ownerAndToken);
  return {
    batch: header.number,
    index,
    owner: addressText(owner),
    tokenId,
    amount,
    claim: { header, ownerAndToken, siblings },
  };
}

/** Withdrawals of `owner` that L1 has not paid yet, by the event of each payment. */
export async function unclaimedOf(
  reader: RollupReader,
  final: ClaimableBatches,
  owner: bigint,
  fromBlock: number,
): Promise<WithdrawalClaim[]> {
  const all = withdrawalsOf(final, owner);
  if (all.length === 0) return [];
  const { number: head } = await reader.head();
  const paid = new Set((await reader.claims(fromBlock, head)).map(({ batch, index }) => `${batch}/${index}`));
  return all.filter(({ header, index }) => !paid.has(`${header.number}/${index}`));
}

/** All accounts, or those of one owner. */
export function accountsOf({ state }: RebuiltRollup, owner: bigint | undefined): AccountView[] {
  return [...state.accounts()]
    .filter(([, account]) => owner === undefined || account.owner === owner)
    .map(([index, account]) => accountView(index, account))
    .sort((one, other) => one.index - other.index);
}

/** The parts of the view that belong to an owner are empty without one. */
export async function viewRebuilt(
  reader: RollupReader,
  rebuilt: RebuiltRollup,
  headerHash: string,
  options: { readonly owner: bigint | undefined; readonly fromBlock: number },
): Promise<RebuildView> {
  const { header, state } = rebuilt;
  const unclaimed =
    options.owner === undefined ? [] : await unclaimedOf(reader, rebuilt, options.owner, options.fromBlock);
  return {
    contract: reader.contract,
    chainId: reader.chainId,
    batch: header.number,
    stateRoot: header.stateRoot,
    headerHash,
    header,
    accountCount: state.accountCount,
    accounts: accountsOf(rebuilt, options.owner),
    unclaimed: unclaimed.map(unclaimedView),
  };
}
