/** `quittance wallet exit`: pays out an account in full through L1 alone, whether the sequencer likes it or not. */

import * as parse from '../config/parse.ts';
import { optional, orNone } from '../config/setting.ts';
import { rpcUrl } from '../config/settings.ts';
import { defineCommand } from '../process/command.ts';
import { REPLAY_SETTINGS } from '../rebuild/replay.ts';
import { ownAccounts, pickAccount } from './accounts.ts';
import { requestedBy } from './requested.ts';
import { transact, view, WALLET_SETTINGS, withSession } from './session.ts';
import { findToken, token } from './tokens.ts';

export const walletExit = defineCommand({
  name: 'wallet exit',
  summary: 'ask L1 to pay out an account in full; the sequencer must do it by a deadline',
  notes: 'Next: `quittance wallet claim` once it is in a final batch, or `quittance wallet exodus` if none comes.',
  settings: {
    ...WALLET_SETTINGS,
    token,
    account: optional('<index>', parse.accountIndex, 'index of the account; found by its key if not given'),
    rpcUrl: orNone(rpcUrl),
    ...REPLAY_SETTINGS,
  },
  async run(context, values) {
    await withSession(context, values, async (session) => {
      const { id } = await findToken(session, values.token);
      const index = values.account ?? pickAccount(session, await ownAccounts(session, values), id).index;
      const fee = await view<bigint>(session, 'priorityFee');
      const receipt = await transact(session, 'requestExit', [index, id], fee);
      const { operationId, deadline } = await requestedBy(session, receipt);
      const result = { operationId, account: index, tokenId: id, fee, deadline, transactionHash: receipt.hash };
      const due = new Date(deadline * 1_000).toISOString();
      context.output.result(
        result,
        () => `exit of account ${index} requested (operation ${operationId}, due by ${due})`,
      );
    });
  },
});
