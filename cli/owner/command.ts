/** `quittance owner …`: the two things that the owner of a rollup can change, through its timelock. */

import * as parse from '../config/parse.ts';
import { required } from '../config/setting.ts';
import { type Command, defineCommand } from '../process/command.ts';
import { runChange } from './run.ts';
import { OWNER_SETTINGS } from './settings.ts';

const NOTES =
  'The first call announces the change; called again with the same values after the delay of the timelock it executes it. ' +
  'With --print or --safe no key is needed: whoever may propose signs what is printed.';

/** All commands of the owner. */
export const owner: readonly Command[] = [
  defineCommand({
    name: 'owner set-producer',
    summary: 'admit or dismiss a producer',
    notes: NOTES,
    examples: [
      'quittance owner set-producer --config rollup.json --producer 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --admit true',
      'quittance owner set-producer --config rollup.json --producer 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --admit true --safe > change.json',
    ],
    settings: {
      ...OWNER_SETTINGS,
      producer: required('<address>', parse.address, 'account of the producer'),
      admit: required('<true|false>', parse.flag, 'true admits it, false dismisses it'),
    },
    run: (context, { producer, admit, ...values }) =>
      runChange(context, values, {
        name: 'setProducer',
        args: [producer, admit],
        view: ['isProducer', producer],
        expected: admit,
      }),
  }),
  defineCommand({
    name: 'owner set-fee',
    summary: 'set the fee of deposits and exit requests, at most maxPriorityFee',
    notes: NOTES,
    examples: [
      'quittance owner set-fee --config rollup.json --priority-fee 0.001eth',
      'quittance owner set-fee --config rollup.json --priority-fee 0.001eth --print',
    ],
    settings: {
      ...OWNER_SETTINGS,
      priorityFee: required('<wei>', parse.wei, 'fee of a deposit or exit request'),
    },
    run: (context, { priorityFee, ...values }) =>
      runChange(context, values, {
        name: 'setPriorityFee',
        args: [priorityFee],
        view: ['priorityFee'],
        expected: priorityFee,
      }),
  }),
];
