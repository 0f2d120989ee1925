/** A rebuilt rollup as data and as text. */

import type { RollupReader } from '@quittance/chain';
import {
  type ClaimableBatches,
  type MoveClaim,
  movesOf,
  type RebuiltRollup,
  unpaidOf,
  type WithdrawalClaim,
  withdrawalsOf,
} from '@quittance/derivation';
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

/** A move that was neither executed nor claimed, with all that `executeMoves` and `claimMoves` take. */
export interface OpenMoveView extends UnclaimedView {
  /** Number in the list of destinations on L1. */
  readonly destination: number;
  /** y of the key that the money is for there. */
  readonly keyY: string;
}

/** What the command prints. */
export interface RebuildView {
  readonly contract: string;
  readonly chainId: bigint;
  readonly batch: number;
  /** How many of the batches were replayed; the others stood in a snapshot or in what an earlier run kept. */
  readonly replayedCount: number;
  readonly stateRoot: bigint;
  readonly headerHash: string;
  readonly header: StoredHeader;
  readonly accountCount: number;
  readonly accounts: readonly AccountView[];
  readonly unclaimed: readonly UnclaimedView[];
  readonly moves: readonly OpenMoveView[];
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

/** What L1 has not paid yet, by the event of each payment. */
async function unpaid<Claim extends WithdrawalClaim>(
  reader: RollupReader,
  all: readonly Claim[],
  fromBlock: number,
): Promise<Claim[]> {
  if (all.length === 0) return [];
  const { number: head } = await reader.head();
  return unpaidOf(all, await reader.claims(fromBlock, head));
}

/** Withdrawals of `owner` that L1 has not paid yet. */
function unclaimedOf(
  reader: RollupReader,
  final: ClaimableBatches,
  owner: bigint,
  fromBlock: number,
): Promise<WithdrawalClaim[]> {
  return unpaid(reader, withdrawalsOf(final, owner), fromBlock);
}

/** Moves of `owner` that were neither executed nor claimed. */
function openMovesOf(
  reader: RollupReader,
  final: ClaimableBatches,
  owner: bigint,
  fromBlock: number,
): Promise<MoveClaim[]> {
  return unpaid(reader, movesOf(final, owner), fromBlock);
}

/** All accounts, or those of one owner. */
function accountsOf({ state }: RebuiltRollup, owner: bigint | undefined): AccountView[] {
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
  const { header, state, replayedCount } = rebuilt;
  const { owner, fromBlock } = options;
  const unclaimed = owner === undefined ? [] : await unclaimedOf(reader, rebuilt, owner, fromBlock);
  const moves = owner === undefined ? [] : await openMovesOf(reader, rebuilt, owner, fromBlock);
  return {
    contract: reader.contract,
    chainId: reader.chainId,
    batch: header.number,
    replayedCount,
    stateRoot: header.stateRoot,
    headerHash,
    header,
    accountCount: state.accountCount,
    accounts: accountsOf(rebuilt, owner),
    unclaimed: unclaimed.map(unclaimedView),
    moves: moves.map((move) => ({ ...unclaimedView(move), destination: move.destination, keyY: move.keyY.toString() })),
  };
}
