/** Withdrawals paid out on L1, with proofs made from L1 alone. */

import {
  type ClaimableBatches,
  groupMoves,
  type MoveClaim,
  movesOf,
  readClaimableBatches,
  toMoveProof,
  unpaidOf,
  type WithdrawalClaim,
  withdrawalsOf,
} from '@quittance/derivation';
import { unpackOwnerAndToken } from '@quittance/protocol';
import type { CallOptions, ClaimOptions, LeftBehind, PaidOut, TokenInfo } from '../types.ts';
import { isDust } from './choice.ts';
import type { L1 } from './open.ts';
import { type Payee, paying } from './payee.ts';
import { payGroups } from './refusals.ts';
import type { L1Sender } from './send.ts';

/** One L1 transaction pays at most this many: far below a block's gas. */
const CLAIMS_PER_TRANSACTION = 20;

/** What pays out. */
export interface Paying {
  readonly l1: L1;
  readonly sender: L1Sender;
  readonly findToken: (tokenId: number) => Promise<TokenInfo>;
}

/** What an owner has not been paid yet. */
export interface Unpaid {
  readonly withdrawals: readonly WithdrawalClaim[];
  /** Moves that were neither executed nor claimed. */
  readonly moves: readonly MoveClaim[];
}

/** Withdrawals of one batch share its header, so they go together. */
function inGroups(claims: readonly WithdrawalClaim[]): WithdrawalClaim[][] {
  const groups: WithdrawalClaim[][] = [];
  for (const claim of claims) {
    const last = groups.at(-1);
    const fits = last?.[0]?.header.number === claim.header.number && last.length < CLAIMS_PER_TRANSACTION;
    if (last !== undefined && fits) last.push(claim);
    else groups.push([claim]);
  }
  return groups;
}

/** What L1 has not paid to an owner of what is final. @throws RollupError as the reader. */
export async function readUnpaid({ reader, fromBlock }: L1, final: ClaimableBatches, owner: bigint): Promise<Unpaid> {
  const [withdrawals, moves] = [withdrawalsOf(final, owner), movesOf(final, owner)];
  if (withdrawals.length + moves.length === 0) return { withdrawals, moves };
  const paid = await reader.claims(fromBlock, (await reader.head()).number);
  return { withdrawals: unpaidOf(withdrawals, paid), moves: unpaidOf(moves, paid) };
}

type Claim = WithdrawalClaim | MoveClaim;

async function describe({ findToken }: Paying, kind: 'withdrawal' | 'move', claim: Claim) {
  const { header, index, ownerAndToken, amount } = claim;
  const token = await findToken(unpackOwnerAndToken(ownerAndToken).tokenId);
  return { kind, batch: header.number, index, token, amount };
}

/** Pays groups of one kind, and tells of what L1 refuses. */
async function payKind<C extends Claim>(
  paying: Paying,
  kind: 'withdrawal' | 'move',
  groups: readonly (readonly C[])[],
  callOf: (group: readonly C[]) => readonly [name: string, args: readonly unknown[], value: bigint],
  { signal, onRefused }: Pick<ClaimOptions, 'signal' | 'onRefused'>,
): Promise<PaidOut[]> {
  // Before anything is paid: a token that cannot be described then takes no list of payments with it.
  const told = new Map<C, Awaited<ReturnType<typeof describe>>>();
  for (const claim of groups.flat()) told.set(claim, await describe(paying, kind, claim));
  const { paid, refused } = await payGroups(groups, async (group) => {
    const { hash: transactionHash } = await paying.sender.transact(...callOf(group), signal);
    return group.map((claim) => ({ ...told.get(claim)!, transactionHash }));
  });
  for (const { item, reason } of refused) onRefused?.({ ...told.get(item)!, reason });
  return [...paid];
}

/** Whether a claim is worth its cost. @param least wei. */
function isWorth(least: bigint) {
  return ({ ownerAndToken, amount }: Claim): boolean =>
    !isDust(unpackOwnerAndToken(ownerAndToken).tokenId, amount, least);
}

/** What `payUnpaid` leaves where it is, of what it would claim. */
export async function dustOf(
  context: Paying,
  { withdrawals, moves }: Unpaid,
  { minAmount = 0n, moves: hasMoves }: ClaimOptions,
): Promise<LeftBehind[]> {
  const left: LeftBehind[] = [];
  for (const [kind, claims] of [
    ['withdrawal', withdrawals],
    ['move', hasMoves === true ? moves : []],
  ] as const) {
    for (const claim of claims) {
      if (!isWorth(minAmount)(claim)) left.push({ ...(await describe(context, kind, claim)), reason: 'dust' });
    }
  }
  return left;
}

/** Pays what is open. @throws as `L1Sender.send`. */
export async function payUnpaid(
  context: Paying,
  unpaid: Unpaid,
  payee: Payee,
  options: ClaimOptions,
): Promise<PaidOut[]> {
  const { minAmount = 0n } = options;
  const withdrawals = unpaid.withdrawals.filter(isWorth(minAmount));
  const moves = unpaid.moves.filter(isWorth(minAmount));
  const claims = await payKind(
    context,
    'withdrawal',
    inGroups(withdrawals),
    (group) => {
      const list = group.map(({ index, ownerAndToken, amount, siblings }) => ({
        ...{ index, ownerAndToken, amount, siblings },
      }));
      return paying('claimWithdrawals', [group[0]!.header, list], payee);
    },
    options,
  );
  if (options.moves !== true) {
    if (moves.length > 0) options.onMovesLeft?.(moves.length);
    return claims;
  }
  const groups = groupMoves(moves, CLAIMS_PER_TRANSACTION).map((group) => group.moves);
  const callOf = (group: readonly MoveClaim[]) => {
    const { header, destination } = group[0]!;
    return paying('claimMoves', [header, destination, group.map(toMoveProof)], payee);
  };
  return [...claims, ...(await payKind(context, 'move', groups, callOf, options))];
}

/** Claims all that is final. @throws RollupError as `readClaimableBatches` and `L1Sender.send`. */
export async function claim(context: Paying, payee: Payee, options: ClaimOptions): Promise<PaidOut[]> {
  const { l1 } = context;
  const final = await readFinal(l1, options);
  const unpaid = await readUnpaid(l1, final, payee.owner);
  if (options.onLeft !== undefined) for (const left of await dustOf(context, unpaid, options)) options.onLeft(left);
  return payUnpaid(context, unpaid, payee, options);
}

/** Final batches as claims need them, from calldata alone. */
function readFinal({ reader, fromBlock }: L1, { signal }: CallOptions): Promise<ClaimableBatches> {
  return readClaimableBatches({ reader, fromBlock, ...(signal === undefined ? {} : { signal }) });
}
