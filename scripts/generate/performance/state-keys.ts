/** The section of docs/performance.md about signatures of channels. */

import { type StateKeysResult, timesAsFast } from '../../bench/parts/state-keys/result.ts';
import { type Measured, machineLine, table } from './table.ts';

/** What hashes and signatures of states cost in JavaScript and by the addon. */
export function stateKeysSection(measured: Measured<StateKeysResult> | undefined): string {
  if (measured === undefined) return '';
  const rows = measured.result.tasks.map((task) => [
    task.task,
    `${task.portableMicroseconds.toFixed(1)} µs`,
    `${task.nativeMicroseconds.toFixed(1)} µs`,
    timesAsFast(task),
  ]);
  return [
    '## States of channels',
    `\`./dev bench state-keys --json\`. ${machineLine(measured.machine)}`,
    'One call each on one core, the least of many in turns: the hash of a state, its secp256k1 signature, and the address of whom a signature is by. In JavaScript by @noble/curves, natively by libsecp256k1, with the conversions to and from JavaScript. Each version of a channel costs a party a signature and a check of one.',
    table(['', 'in JavaScript', 'native', 'times as fast'], rows),
  ].join('\n\n');
}
