/** `quittance moves …`: what takes users to another rollup. Loads what it needs when it runs. */

import { type Command, defineCommand } from '../process/command.ts';
import { EXECUTE_SETTINGS, LIST_SETTINGS, REGISTER_SETTINGS } from './settings.ts';

const register = defineCommand({
  name: 'moves register',
  summary: 'give a contract its number in the list of destinations; anyone may, and nothing is ever removed',
  notes: 'Prints the number. A contract that has one keeps it: nothing is sent then.',
  examples: ['quittance moves register 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --config rollup.json'],
  settings: REGISTER_SETTINGS,
  argument: 'destinationContract',
  run: async (context, values) => (await import('./register.ts')).runRegister(context, values),
});

const execute = defineCommand({
  name: 'moves execute',
  summary: 'take final moves of all users to their destination; anyone may, and pays gas and the priority fees there',
  notes:
    'Everything is read from L1: it can be killed at any point and started again, and two of them only cost each other gas. ' +
    'What a destination refuses is named and left for its owner to claim.\nWith --watch it prints a line for each look ' +
    'that executed something.',
  examples: ['quittance moves execute --config rollup.json --destination 1 --watch'],
  settings: EXECUTE_SETTINGS,
  run: async (context, values) => (await import('./execute.ts')).runExecute(context, values),
});

const list = defineCommand({
  name: 'moves list',
  summary: 'where the moves of an owner are: on their way, waiting, claimed, in the destination’s queue, or arrived',
  notes:
    'waiting: final, anyone can execute it. claimable: final, but the destination takes nothing of it at present, so claim ' +
    'it with `quittance wallet claim --moves`. sealed, posted: not final, by the word of the sequencer at --rpc-url.',
  examples: ['quittance moves list --config rollup.json --owner 0x70997970C51812dc3A010C7d01b50e0d17dc79C8'],
  settings: LIST_SETTINGS,
  run: async (context, values) => (await import('./list.ts')).runList(context, values),
});

/** All commands about moves. */
export const movesCommands: readonly Command[] = [register, execute, list];
