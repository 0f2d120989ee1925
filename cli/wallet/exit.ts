/** `quittance wallet exit`: pays out an account in full through L1 alone, whether the sequencer likes it or not. */

import { parseReceiver, pickAccount } from '@quittance/sdk';
import * as parse from '../config/parse.ts';
import { optional, orNone } from '../config/setting.ts';
import { rpcUrl } from '../config/settings.ts';
import { defineCommand } from '../process/command.ts';
import { REPLAY_SETTINGS } from '../rebuild/replay.ts';
import { withWallet } from './open.ts';
import { WALLET_SETTINGS } from './session.ts';
import { refOf, token } from './tokens.ts';

export const walletExit = defineCommand({
  name: 'wallet exit',
  summary: 'ask L1 to pay out an account in full; the sequencer must do it by a deadline',
  notes: 'Next: `quittance wallet claim` once it is in a final batch, or `quittance wallet exodus` if none comes.',
  examples: ['quittance wallet exit --config rollup.json --token 0'],
  settings: {
    ...WALLET_SETTINGS,
    token,
    account: optional('<index>', parse.accountIndex, 'index of the account; found by its key if not given'),
    rpcUrl: orNone(rpcUrl),
    ...REPLAY_SETTINGS,
  },
  async run(context, values) {
    await withWallet(context, values, async (wallet) => {
      const { signal } = context;
      const { tokenId } = await wallet.token(refOf(values.token));
      const own = async () => pickAccount(await wallet.accounts(), parseReceiver(wallet.receiver), tokenId).index;
      const account = values.account ?? (await own());
      const { operationId, deadline, fee, transactionHash } = await wallet.forceExit({
        account,
        token: tokenId,
        signal,
      });
      const due = new Date(deadline * 1_000).toISOString();
      context.output.result(
        { operationId, account, tokenId, fee, deadline, transactionHash },
        () => `exit of account ${account} requested (operation ${operationId}, due by ${due})`,
      );
    });
  },
});
