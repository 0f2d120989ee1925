/** `quittance wallet move`: money to the same wallet in another rollup, without a transaction on L1. */

import { type Destination, readImportTerms, readTokenId } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import type { MoveIntent } from '@quittance/sdk';
import { openRollupKey } from '../l1/rollup-key.ts';
import { resolveDestinations } from '../moves/destination.ts';
import { destination } from '../moves/settings.ts';
import { defineCommand } from '../process/command.ts';
import { runTransfer, TRANSFER_SETTINGS } from './send.ts';
import type { Session } from './session.ts';
import type { Token } from './tokens.ts';

/** @throws RollupError DESTINATION_REFUSES when it would take nothing of this token now: the move would wait on L1. */
async function requireTaking({ l1 }: Session, { address }: Destination, token: Token): Promise<void> {
  const refuse = (why: string) => {
    throw new RollupError('DESTINATION_REFUSES', `${address} takes no moves of token ${token.id}: ${why}`, {
      destination: address,
      tokenId: token.id,
    });
  };
  const terms = await readImportTerms(l1.provider, address);
  if (terms === undefined) return; // not one of ours: what it takes is for its users to know
  if (terms.isExodusActive) refuse('it is in its exodus');
  if ((await readTokenId(l1.provider, address, token.address)) !== undefined) return;
  refuse(
    `it does not know it; register it with \`quittance wallet register-token --contract ${address} --token-address ${token.address}\``,
  );
}

/** The wallet's key there. @throws as `openRollupKey`. */
async function keyThere({ context, wallet, l1 }: Session, file: string | undefined, { address }: Destination) {
  const { publicKey } = await openRollupKey(file, wallet, { chainId: l1.chainId, contract: address }, context.output);
  return publicKey.y;
}

export const walletMove = defineCommand({
  name: 'wallet move',
  summary:
    'move to your account in another rollup: signed here, executed on L1 by whoever runs `quittance moves execute`',
  notes:
    'The money goes to the key that this wallet has there. Until it is executed, `quittance wallet claim --moves` takes it ' +
    'to L1 instead; `quittance moves list` says where it is.',
  settings: { ...TRANSFER_SETTINGS, destination },
  run: (context, values) =>
    runTransfer(context, values, (session, _sender, coin) => async (common): Promise<MoveIntent> => {
      const [found] = await resolveDestinations(session, values.destination);
      await requireTaking(session, found, coin);
      const keyY = await keyThere(session, values.rollupKey, found);
      context.output.say(`moving to ${found.address}, destination ${found.number}`);
      const account = { owner: session.owner, tokenId: coin.id };
      return { kind: 'move', destination: found.number, keyY, account, ...common };
    }),
});
