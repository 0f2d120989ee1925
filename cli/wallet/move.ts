/** `quittance wallet move`: money to the same wallet in another rollup, without a transaction on L1. */

import { type Destination, readImportTerms, readTokenId } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import type { TokenInfo } from '@quittance/sdk';
import { type L1, withL1 } from '../l1/connect.ts';
import { openRollupKey } from '../l1/rollup-key.ts';
import { resolveDestinations } from '../moves/destination.ts';
import { destination } from '../moves/settings.ts';
import { defineCommand } from '../process/command.ts';
import { runTransfer, TRANSFER_SETTINGS } from './send.ts';

/** @throws RollupError DESTINATION_REFUSES when it would take nothing of this token now: the move would wait on L1. */
async function requireTaking({ provider }: L1, { address }: Destination, token: TokenInfo): Promise<void> {
  const refuse = (why: string) => {
    throw new RollupError('DESTINATION_REFUSES', `${address} takes no moves of token ${token.tokenId}: ${why}`, {
      destination: address,
      tokenId: token.tokenId,
    });
  };
  const terms = await readImportTerms(provider, address);
  if (terms === undefined) return; // not one of ours: what it takes is for its users to know
  if (terms.isExodusActive) refuse('it is in its exodus');
  if ((await readTokenId(provider, address, token.address)) !== undefined) return;
  refuse(
    `it does not know it; register it with \`quittance wallet register-token --contract ${address} --token-address ${token.address}\``,
  );
}

export const walletMove = defineCommand({
  name: 'wallet move',
  summary:
    'move to your account in another rollup: signed here, executed on L1 by whoever runs `quittance moves execute`',
  notes:
    'The money goes to the key that this wallet has there. Until it is executed, `quittance wallet claim --moves` takes it ' +
    'to L1 instead; `quittance moves list` says where it is.',
  examples: ['quittance wallet move --config rollup.json --amount 0.1 --destination 1'],
  settings: { ...TRANSFER_SETTINGS, destination },
  run: (context, values) =>
    runTransfer(context, values, {
      name: 'move',
      send: (wallet, terms, coin, keystore) =>
        withL1({ url: values.l1Url, expected: wallet.chainId }, async (l1) => {
          const reader = { contract: values.contract };
          const [found] = await resolveDestinations({ l1, reader }, values.destination);
          await requireTaking(l1, found, coin);
          const there = { chainId: l1.chainId, contract: found.address };
          const { publicKey } = await openRollupKey(values.rollupKey, keystore, there, context.output);
          context.output.say(`moving to ${found.address}, destination ${found.number}`);
          return wallet.move({ ...terms, destination: found.number, keyY: publicKey.y });
        }),
    }),
});
