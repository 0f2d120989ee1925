/** `quittance moves register`: a contract's number in the list of destinations. */

import { eventOf } from '@quittance/chain';
import type { Values } from '../config/setting.ts';
import type { Context } from '../process/command.ts';
import { transact, withSession } from '../wallet/session.ts';
import { destinationsOf } from './destination.ts';
import type { REGISTER_SETTINGS } from './settings.ts';

/** Registers the contract unless it is. @throws RollupError L1_REJECTED (NotADestination). */
export async function runRegister(context: Context, values: Values<typeof REGISTER_SETTINGS>): Promise<void> {
  const address = values.destinationContract;
  await withSession(context, values, async (session) => {
    const [found] = await destinationsOf(session).find(address);
    if (found !== undefined) {
      context.output.say(`${address} has a number already`);
      context.output.result({ ...found, transactionHash: null }, () => String(found.number));
      return;
    }
    const receipt = await transact(session, 'registerDestination', [address]);
    const number = Number(eventOf(receipt, session.reader.contract, 'DestinationRegistered')?.args['number']);
    context.output.result({ number, address, transactionHash: receipt.hash }, () => String(number));
  });
}
