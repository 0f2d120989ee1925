/** `quittance wallet address`: the address to give to payers. */

import { parseReceiver } from '@quittance/sdk';
import { defineCommand } from '../process/command.ts';
import { withWallet } from './open.ts';
import { WALLET_SETTINGS } from './session.ts';

export const walletAddress = defineCommand({
  name: 'wallet address',
  summary: 'print the address that others pay to: L1 owner and rollup key',
  examples: ['quittance wallet address --config rollup.json'],
  settings: WALLET_SETTINGS,
  async run(context, values) {
    await withWallet(context, values, async ({ receiver, address: owner }) => {
      const { keyY } = parseReceiver(receiver);
      context.output.result({ receiver, owner, keyY }, () => receiver);
    });
  },
});
