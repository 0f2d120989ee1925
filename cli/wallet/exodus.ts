/** `quittance wallet exodus`: the way out when nobody produces batches any more, through L1 alone. */

import type { LeftBehind, LeftReason, PaidOut } from '@quittance/sdk';
import * as parse from '../config/parse.ts';
import { optional, toggle } from '../config/setting.ts';
import { defineCommand } from '../process/command.ts';
import { REPLAY_SETTINGS } from '../rebuild/replay.ts';
import { withWallet } from './open.ts';
import { payOptions, to } from './payee.ts';
import { WALLET_SETTINGS } from './session.ts';
import { amountOf, symbolOf } from './tokens.ts';

const REASONS: Readonly<Record<LeftReason, string>> = {
  dust: 'costs more than it pays; --dust takes it',
  many: 'one of many of its token; --accounts takes it',
  notChosen: 'not among --accounts',
};

/** What was done, for scripts. */
function summaryOf(activated: boolean, paid: readonly PaidOut[], left: readonly LeftBehind[]) {
  const of = (kind: PaidOut['kind']) => paid.filter((one) => one.kind === kind);
  return {
    activated,
    exited: of('account').map(({ index, token, amount }) => ({ index, tokenId: token.tokenId, amount })),
    reclaimed: of('request').map(({ index, amount }) => ({ operationId: index, amount })),
    claimed: [...of('withdrawal'), ...of('move')].map(({ batch, index, token, amount }) => ({
      ...{ batch, index, tokenId: token.tokenId, amount },
    })),
    left: left.map(({ kind, batch, index, token, amount, reason }) => ({
      ...{ kind, batch, index, tokenId: token.tokenId, amount, reason },
    })),
  };
}

export const walletExodus = defineCommand({
  name: 'wallet exodus',
  summary: 'when requests stay overdue: open the exodus if it is due, and pay out all that an owner has',
  notes:
    'Needs L1 and the keystore, nothing else. Says when it is due if it is not: `quittance wallet exit` makes a request.',
  examples: ['quittance wallet exodus --config rollup.json'],
  settings: {
    ...WALLET_SETTINGS,
    ...REPLAY_SETTINGS,
    owner: optional(
      '<address>',
      parse.address,
      'whose accounts; your own if not given. You pay the gas, they get the money',
    ),
    to,
    accounts: optional(
      '<index,…>',
      parse.accountIndices,
      'leave with these accounts only, whatever they hold; with all that pay more than they cost if not given, ' +
        'four of each token at most',
    ),
    dust: toggle(parse.flag, 'also ETH that costs more gas than it pays'),
  },
  async run(context, values) {
    const { output } = context;
    await withWallet(context, values, async (wallet) => {
      const left = await wallet.exitFromL1({
        ...payOptions(context, wallet, values),
        mayRequest: false,
        ...(values.accounts === undefined ? {} : { accounts: values.accounts }),
        ...(values.dust ? { minAmount: 0n } : {}),
        onProgress({ step }) {
          if (step === 'opening') output.say('opening the exodus');
        },
        onRefused: ({ kind, index, reason }) => output.say(`${kind} ${index} was not paid out: ${reason}`),
      });
      const summary = summaryOf(left.state === 'paid' && left.activated, left.paid, left.left);
      const { exited, reclaimed, claimed } = summary;
      output.result(summary, () =>
        [
          `${exited.length} accounts paid out, ${reclaimed.length} requests given back, ${claimed.length} withdrawals claimed`,
          ...left.paid.map(
            ({ kind, index, token, amount }) => `${kind} ${index}: ${amountOf(amount, token)} ${symbolOf(token)}`,
          ),
          ...left.left.map(
            ({ kind, index, token, amount, reason }) =>
              `left: ${kind} ${index}: ${amountOf(amount, token)} ${symbolOf(token)} (${REASONS[reason]})`,
          ),
        ].join('\n'),
      );
    });
  },
});
