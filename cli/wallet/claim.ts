/** `quittance wallet claim`: withdrawals paid out on L1, with proofs made from L1 alone. */

import {
  groupMoves,
  type MoveClaim,
  readClaimableBatches,
  toMoveProof,
  type WithdrawalClaim,
} from '@quittance/derivation';
import { unpackOwnerAndToken } from '@quittance/protocol';
import * as parse from '../config/parse.ts';
import { optional, toggle } from '../config/setting.ts';
import { fromBlock } from '../config/settings.ts';
import { defineCommand } from '../process/command.ts';
import { table } from '../process/output.ts';
import { openMovesOf, unclaimedOf } from '../rebuild/view.ts';
import { paying, requireOwn, to } from './payee.ts';
import { payGroups } from './refusals.ts';
import { type Session, transact, WALLET_SETTINGS, withSession } from './session.ts';

/** One L1 transaction pays at most this many: far below a block's gas. */
const CLAIMS_PER_TRANSACTION = 20;

/** What one transaction pays. */
interface Paid {
  readonly batch: number;
  readonly index: number;
  readonly tokenId: number;
  readonly amount: bigint;
  readonly transactionHash: string;
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

function paidIn(transactionHash: string, group: readonly WithdrawalClaim[]): Paid[] {
  return group.map(({ header, index, ownerAndToken, amount }) => ({
    batch: header.number,
    index,
    tokenId: unpackOwnerAndToken(ownerAndToken).tokenId,
    amount,
    transactionHash,
  }));
}

async function pay(session: Session, group: readonly WithdrawalClaim[], receiver?: string): Promise<Paid[]> {
  const withdrawals = group.map(({ index, ownerAndToken, amount, siblings }) => ({
    index,
    ownerAndToken,
    amount,
    siblings,
  }));
  const { header } = group[0]!;
  const { hash } = await transact(session, ...paying('claimWithdrawals', [header, withdrawals], receiver));
  return paidIn(hash, group);
}

async function payMoves(session: Session, group: readonly MoveClaim[], receiver?: string): Promise<Paid[]> {
  const { header, destination } = group[0]!;
  const args = [header, destination, group.map(toMoveProof)];
  const { hash } = await transact(session, ...paying('claimMoves', args, receiver));
  return paidIn(hash, group);
}

function textOf(paid: readonly Paid[]): string {
  if (paid.length === 0) return 'nothing to claim';
  return table([
    ['batch', 'index', 'token', 'amount', 'transaction'],
    ...paid.map(({ batch, index, tokenId, amount, transactionHash }) => [
      ...[batch, index, tokenId, amount].map(String),
      transactionHash,
    ]),
  ]);
}

export const walletClaim = defineCommand({
  name: 'wallet claim',
  summary: 'pay out an owner’s final withdrawals; anyone may pay the gas, the owner gets the money',
  notes:
    'With --moves also the moves that nobody executed: at once your own, those of another --owner once L1 lets others ' +
    'claim them, 7 days after they are final at the latest.',
  settings: {
    ...WALLET_SETTINGS,
    fromBlock,
    owner: optional('<address>', parse.address, 'whose withdrawals; your own if not given'),
    moves: toggle(parse.flag, 'also moves that nobody executed: they go to L1 instead of their destination'),
    to,
  },
  async run(context, values) {
    const { output, signal } = context;
    await withSession(context, values, async (session) => {
      const owner = values.owner === undefined ? session.owner : BigInt(values.owner);
      requireOwn(session.owner, owner, values.to);
      const { reader } = session;
      const final = await readClaimableBatches({ reader, fromBlock: values.fromBlock, signal });
      const claims = await unclaimedOf(reader, final, owner, values.fromBlock);
      const withdrawals = await payGroups(inGroups(claims), (group) => pay(session, group, values.to));
      const open = await openMovesOf(reader, final, owner, values.fromBlock);
      if (!values.moves && open.length > 0) output.say(`${open.length} moves wait to be executed; --moves claims them`);
      const groups = groupMoves(values.moves ? open : [], CLAIMS_PER_TRANSACTION).map(({ moves }) => moves);
      const moves = await payGroups(groups, (group) => payMoves(session, group, values.to));
      for (const { item, reason } of [...withdrawals.refused, ...moves.refused]) {
        output.say(`withdrawal ${item.index} of batch ${item.header.number} was not paid: ${reason}`);
      }
      const paid = [...withdrawals.paid, ...moves.paid];
      output.result({ paid }, () => textOf(paid));
    });
  },
});
