/** `quittance wallet balance`: accounts in the rollup and ETH on L1. */

import { translateChainError } from '@quittance/chain';
import { formatEther } from 'ethers';
import { orNone } from '../config/setting.ts';
import { rpcUrl } from '../config/settings.ts';
import { defineCommand } from '../process/command.ts';
import { table } from '../process/output.ts';
import { REPLAY_SETTINGS } from '../rebuild/replay.ts';
import { ownAccounts } from './accounts.ts';
import { WALLET_SETTINGS, withSession } from './session.ts';
import { amountOf, findToken } from './tokens.ts';

export const walletBalance = defineCommand({
  name: 'wallet balance',
  summary: 'accounts of this wallet: the sequencer’s pending state, or without --rpc-url the final state from L1',
  settings: { ...WALLET_SETTINGS, rpcUrl: orNone(rpcUrl), ...REPLAY_SETTINGS },
  async run(context, values) {
    await withSession(context, values, async (session) => {
      const accounts = await ownAccounts(session, values);
      const onL1 = await session.l1.provider.getBalance(session.wallet.address).catch((error: unknown) => {
        throw translateChainError('reading the balance', error);
      });
      const rows: string[][] = [];
      for (const { index, tokenId, nonce, balance } of accounts) {
        const coin = await findToken(session, { id: tokenId });
        rows.push([String(index), String(tokenId), amountOf(balance, coin), String(nonce)]);
      }
      context.output.result({ owner: session.wallet.address, l1Balance: onL1, accounts }, () =>
        [
          `ETH on L1  ${formatEther(onL1)}`,
          rows.length === 0 ? 'no account in the rollup' : table([['account', 'token', 'balance', 'nonce'], ...rows]),
        ].join('\n'),
      );
    });
  },
});
