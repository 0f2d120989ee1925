/** `quittance wallet claim`: withdrawals paid out on L1, with proofs made from L1 alone. */

import { readClaimableBatches, type WithdrawalClaim } from '@quittance/derivation';
import { unpackOwnerAndToken } from '@quittance/protocol';
import * as parse from '../config/parse.ts';
import { optional } from '../config/setting.ts';
import { fromBlock } from '../config/settings.ts';
import { defineCommand } from '../process/command.ts';
import { table } from '../process/output.ts';
import { unclaimedOf } from '../rebuild/view.ts';
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

async function pay(session: Session, group: readonly WithdrawalClaim[], receiver?: string): Promise<Paid[]> {
  const withdrawals = group.map(({ index, ownerAndToken, amount, siblings }) => ({
    index,
    ownerAndToken,
    amount,
    siblings,
  }));
  const { header } = group[0]!;
  const { hash } = await transact(session, ...paying('claimWithdrawals', [header, withdrawals], receiver));
  return group.map(({ index, ownerAndToken, amount }) => ({
    batch: header.number,
    index,
    tokenId: unpackOwnerAndToken(ownerAndToken).tokenId,
    amount,
    transactionHash: hash,
  }));
}

export const walletClaim = defineCommand({
  name: 'wallet claim',
  summary: 'pay out an owner’s final withdrawals; anyone may pay the gas, the owner gets the money',
  settings: {
    ...WALLET_SETTINGS,
    fromBlock,
    owner: optional('<address>', parse.address, 'whose withdrawals; your own if not given'),
    to,
  },
  async run(context, values) {
    await withSession(context, values, async (session) => {
      const owner = values.owner === undefined ? session.owner : BigInt(values.owner);
      requireOwn(session.owner, owner, values.to);
      const { reader } = session;
      const final = await readClaimableBatches({ reader, fromBlock: values.fromBlock, signal: context.signal });
      const claims = await unclaimedOf(reader, final, owner, values.fromBlock);
      const { paid, refused } = await payGroups(inGroups(claims), (group) => pay(session, group, values.to));
      for (const { item, reason } of refused) {
        context.output.say(`withdrawal ${item.index} of batch ${item.header.number} was not paid: ${reason}`);
      }
      context.output.result({ paid }, () =>
        paid.length === 0
          ? 'nothing to claim'
          : table([
              ['batch', 'index', 'token', 'amount', 'transaction'],
              ...paid.map(({ batch, index, tokenId, amount, transactionHash }) => [
                String(batch),
                String(index),
                String(tokenId),
                String(amount),
                transactionHash,
              ]),
            ]),
      );
    });
  },
});
