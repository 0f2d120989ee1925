/** `quittance wallet deposit`: money from L1 into the rollup. */

import { formatReceiver } from '@quittance/sdk';
import { optional, required } from '../config/setting.ts';
import { defineCommand } from '../process/command.ts';
import { withWallet } from './open.ts';
import { parseReceiver } from './receiver.ts';
import { WALLET_SETTINGS } from './session.ts';
import { amountOf, amountText, baseUnits, refOf, token, unitsOf } from './tokens.ts';

export const walletDeposit = defineCommand({
  name: 'wallet deposit',
  summary: 'deposit ETH or a token from L1, for the amount and the priority fee',
  examples: ['quittance wallet deposit --config rollup.json --amount 0.5'],
  settings: {
    ...WALLET_SETTINGS,
    token,
    amount: required('<amount>', amountText, 'how much, in units of the token'),
    baseUnits,
    to: optional('<receiver>', parseReceiver, 'whose account; your own if not given'),
  },
  async run(context, values) {
    await withWallet(context, values, async (wallet) => {
      const { output, signal } = context;
      const coin = await wallet.token(refOf(values.token));
      const amount = unitsOf(values.amount, coin, values.baseUnits);
      const receiver = values.to === undefined ? wallet.receiver : formatReceiver(values.to);
      const deposit = await wallet.deposit({ amount, token: coin.tokenId, to: receiver, signal });
      const { operationId, deadline, fee, transactionHash, blockNumber } = deposit;
      const { tokenId } = coin;
      const due = new Date(deadline * 1_000).toISOString();
      output.result(
        { operationId, deadline, tokenId, amount, fee, receiver, transactionHash, blockNumber },
        () => `deposited ${amountOf(amount, coin)} ${coin.symbol} (operation ${operationId}, due by ${due})`,
      );
    });
  },
});
