/** `quittance wallet register-token`: gives an ERC-20 token its id. Anyone may, once a token. */

import * as parse from '../config/parse.ts';
import { required } from '../config/setting.ts';
import { defineCommand } from '../process/command.ts';
import { transact, view, WALLET_SETTINGS, withSession } from './session.ts';

export const walletRegisterToken = defineCommand({
  name: 'wallet register-token',
  summary: 'give an ERC-20 token its id in the rollup',
  notes:
    'Only a token that delivers exactly what is sent can be deposited. A token whose balances change on their own is a ' +
    'risk to its holders, never to other tokens.',
  examples: [
    'quittance wallet register-token --config rollup.json --token-address 0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  ],
  settings: { ...WALLET_SETTINGS, tokenAddress: required('<address>', parse.address, 'address of the token on L1') },
  async run(context, values) {
    await withSession(context, values, async (session) => {
      await transact(session, 'registerToken', [values.tokenAddress]);
      const tokenId = Number(await view<bigint>(session, 'tokenIdOf', values.tokenAddress));
      context.output.result({ tokenId, token: values.tokenAddress }, () => String(tokenId));
    });
  },
});
