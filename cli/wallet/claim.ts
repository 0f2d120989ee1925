/** `quittance wallet claim`: withdrawals paid out on L1, with proofs made from L1 alone. */

import type { PaidOut } from '@quittance/sdk';
import * as parse from '../config/parse.ts';
import { named, optional, toggle, withDefault } from '../config/setting.ts';
import { fromBlock } from '../config/settings.ts';
import { defineCommand } from '../process/command.ts';
import { table } from '../process/output.ts';
import { withWallet } from './open.ts';
import { payOptions, to } from './payee.ts';
import { WALLET_SETTINGS } from './session.ts';
import { amountOf, symbolOf } from './tokens.ts';

function textOf(paid: readonly PaidOut[]): string {
  if (paid.length === 0) return 'nothing to claim';
  return table([
    ['batch', 'index', 'token', 'amount', 'transaction'],
    ...paid.map(({ batch, index, token, amount, transactionHash }) => [
      ...[String(batch), String(index), symbolOf(token), amountOf(amount, token)],
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
  examples: ['quittance wallet claim --config rollup.json', 'quittance wallet claim --config rollup.json --moves'],
  settings: {
    ...WALLET_SETTINGS,
    fromBlock,
    owner: optional('<address>', parse.address, 'whose withdrawals; your own if not given'),
    moves: toggle(parse.flag, 'also moves that nobody executed: they go to L1 instead of their destination'),
    minAmount: named(
      'minClaimAmount',
      withDefault('<wei>', parse.wei, 0n, 'leave ETH below this where it is; it can be claimed at any later time'),
    ),
    to,
  },
  async run(context, values) {
    const { output } = context;
    await withWallet(context, values, async (wallet) => {
      const paid = await wallet.claim({
        ...payOptions(context, wallet, values),
        moves: values.moves,
        minAmount: values.minAmount,
        onLeft: (left) => output.say(`left: ${left.kind} ${left.index} of batch ${left.batch}, less than --min-amount`),
        onMovesLeft: (count) => output.say(`${count} moves wait to be executed; --moves claims them`),
        onRefused: ({ batch, index, reason }) =>
          output.say(`withdrawal ${index} of batch ${batch} was not paid: ${reason}`),
      });
      const listed = paid.map(({ batch, index, token, amount, transactionHash }) => ({
        ...{ batch, index, tokenId: token.tokenId, amount, transactionHash },
      }));
      output.result({ paid: listed }, () => textOf(paid));
    });
  },
});
