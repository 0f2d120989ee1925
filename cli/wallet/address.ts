/** `quittance wallet address`: the address to give to payers. */

import { defineCommand } from '../process/command.ts';
import { receiverText } from './receiver.ts';
import { WALLET_SETTINGS, withSession } from './session.ts';

export const walletAddress = defineCommand({
  name: 'wallet address',
  summary: 'print the address that others pay to: L1 owner and rollup key',
  settings: WALLET_SETTINGS,
  async run(context, values) {
    await withSession(context, values, async ({ wallet, owner, keyPair }) => {
      const { y: keyY } = keyPair.publicKey;
      const receiver = receiverText({ owner, keyY });
      context.output.result({ receiver, owner: wallet.address, keyY }, () => receiver);
    });
  },
});
