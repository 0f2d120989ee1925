/** `quittance owner …`: the two things that the owner of a rollup can change, through its timelock. */

import * as parse from '../config/parse.ts';
import { required, withDefault } from '../config/setting.ts';
import { type Command, type Context, defineCommand } from '../process/command.ts';
import { view, WALLET_SETTINGS, withSession } from '../wallet/session.ts';
import { advance, type Change, requireEffect } from './timelock.ts';

const NOTES =
  'The first call announces the change; called again with the same values after the delay of the timelock it executes it.';

const change = withDefault(
  '<number>',
  parse.integer(0, Number.MAX_SAFE_INTEGER),
  0,
  'a new number, to make the same change once more',
);

function print({ output }: Context, result: Change): void {
  const when =
    result.readyAt === undefined ? '' : `, can be executed from ${new Date(result.readyAt * 1_000).toISOString()}`;
  output.result(result, () => `${result.state}${result.state === 'executed' ? '' : when}`);
}

/** All commands of the owner. */
export const owner: readonly Command[] = [
  defineCommand({
    name: 'owner set-producer',
    summary: 'admit or dismiss a producer',
    notes: NOTES,
    examples: [
      'quittance owner set-producer --config rollup.json --producer 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --admit true',
    ],
    settings: {
      ...WALLET_SETTINGS,
      producer: required('<address>', parse.address, 'account of the producer'),
      admit: required('<true|false>', parse.flag, 'true admits it, false dismisses it'),
      change,
    },
    run: (context, values) =>
      withSession(context, values, async (session) => {
        const { producer, admit } = values;
        const result = await advance(session, 'setProducer', [producer, admit], values.change);
        requireEffect(result, (await view<boolean>(session, 'isProducer', producer)) === admit);
        print(context, result);
      }),
  }),
  defineCommand({
    name: 'owner set-fee',
    summary: 'set the fee of deposits and exit requests, at most maxPriorityFee',
    notes: NOTES,
    examples: ['quittance owner set-fee --config rollup.json --priority-fee 1000000000000000'],
    settings: {
      ...WALLET_SETTINGS,
      priorityFee: required('<wei>', parse.baseUnits, 'fee of a deposit or exit request'),
      change,
    },
    run: (context, values) =>
      withSession(context, values, async (session) => {
        const result = await advance(session, 'setPriorityFee', [values.priorityFee], values.change);
        requireEffect(result, (await view<bigint>(session, 'priorityFee')) === values.priorityFee);
        print(context, result);
      }),
  }),
];
