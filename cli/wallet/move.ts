/** `quittance wallet move`: money of the account to the same owner's key in another rollup, by a signature. */

import { isSameAddress } from '@quittance/protocol';
import type { MoveIntent } from '@quittance/sdk';
import * as parse from '../config/parse.ts';
import { required } from '../config/setting.ts';
import { openRollupKey } from '../l1/rollup-key.ts';
import { defineCommand } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { runTransfer, TRANSFER_SETTINGS } from './send.ts';
import { type Session, view } from './session.ts';

/** More destinations than that are not searched. */
const MAX_SEARCHED = 1_000;

/** The number of a contract in the list of destinations. @throws UsageError when it has none. */
async function numberOf(session: Session, contract: string): Promise<number> {
  const count = Number(await view<bigint>(session, 'destinationCount'));
  for (let number = 0; number < Math.min(count, MAX_SEARCHED); number++) {
    if (isSameAddress(await view<string>(session, 'destinationOf', number), contract)) return number;
  }
  throw new UsageError(
    `${contract} is none of the first ${Math.min(count, MAX_SEARCHED)} destinations of this rollup: anyone can register it ` +
      'on L1 with registerDestination',
  );
}

export const walletMove = defineCommand({
  name: 'wallet move',
  summary: 'move to your own key in another rollup: once it is final, anyone can take it there, or you claim it on L1',
  settings: {
    ...TRANSFER_SETTINGS,
    destination: required('<address>', parse.address, 'contract of the other rollup, on the same L1'),
  },
  async run(context, values) {
    await runTransfer(context, values, (session, _sender, { id }) => async (common) => {
      const { wallet, owner, l1 } = session;
      const there = { chainId: l1.chainId, contract: values.destination };
      const { publicKey } = await openRollupKey(values.rollupKey, wallet, there, context.output);
      const destination = await numberOf(session, values.destination);
      const intent: MoveIntent = {
        kind: 'move',
        account: { owner, tokenId: id },
        destination,
        keyY: publicKey.y,
        ...common,
      };
      return intent;
    });
  },
});
