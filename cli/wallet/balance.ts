/** `quittance wallet balance`: accounts in the rollup and ETH on L1. */

import { translateChainError } from '@quittance/chain';
import { formatEther } from 'ethers';
import { orNone } from '../config/setting.ts';
import { rpcUrl } from '../config/settings.ts';
import { withL1 } from '../l1/connect.ts';
import { defineCommand } from '../process/command.ts';
import { table } from '../process/output.ts';
import { REPLAY_SETTINGS } from '../rebuild/replay.ts';
import { withWallet } from './open.ts';
import { WALLET_SETTINGS } from './session.ts';
import { amountOf, describedToken, symbolOf } from './tokens.ts';

/** ETH of an address on L1. @throws RollupError L1_UNREACHABLE. */
async function onL1(url: string, address: string): Promise<bigint> {
  return withL1({ url, expected: undefined }, ({ provider }) =>
    provider.getBalance(address).catch((error: unknown) => {
      throw translateChainError('reading the balance', error);
    }),
  );
}

export const walletBalance = defineCommand({
  name: 'wallet balance',
  summary: 'accounts of this wallet: the sequencer’s pending state, or without --rpc-url the final state from L1',
  notes: 'Accounts that the exodus has paid out are not listed.',
  examples: ['quittance wallet balance --config rollup.json'],
  settings: { ...WALLET_SETTINGS, rpcUrl: orNone(rpcUrl), ...REPLAY_SETTINGS },
  async run(context, values) {
    await withWallet(context, values, async (wallet) => {
      const accounts = await wallet.accounts();
      const l1Balance = await onL1(values.l1Url, wallet.address);
      const rows: string[][] = [];
      for (const { index, tokenId, nonce, balance } of accounts) {
        const token = await describedToken(wallet, tokenId);
        rows.push([String(index), symbolOf(token), amountOf(BigInt(balance), token), String(nonce)]);
      }
      const listed = accounts.map((account) => ({ ...account, balance: BigInt(account.balance) }));
      context.output.result({ owner: wallet.address, l1Balance, accounts: listed }, () =>
        [
          `ETH on L1  ${formatEther(l1Balance)}`,
          rows.length === 0 ? 'no account in the rollup' : table([['account', 'token', 'balance', 'nonce'], ...rows]),
        ].join('\n'),
      );
    });
  },
});
