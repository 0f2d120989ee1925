/** The section of docs/performance.md about processes that are killed, damaged databases and full disks. */

import { type CrashResult, isRight } from '../../bench/parts/crash/result.ts';
import { type Measured, machineLine, table, thousands } from './table.ts';

/** What became of what was acknowledged, and of the damage. */
export function crashSection(measured: Measured<CrashResult> | undefined): string {
  if (measured === undefined) return '';
  const { kills, acknowledged, lost, doubled, rootsEqual, fullDisk, silent } = measured.result;
  const { flips, truncations, detected, harmless, repaired, named } = measured.result;
  const row = (name: string, value: number): string[] => [name, thousands(value)];
  const verdict = isRight(measured.result) ? '' : ' NOT AS IT HAS TO BE.';
  return [
    '## Crashes',
    `\`./dev bench crash --json\`. ${machineLine(measured.machine)}`,
    `A sequencer was killed ${thousands(kills)} times while wallets paid, at random moments and at chosen commits, and its disk filled up ${thousands(fullDisk)} times. Of ${thousands(acknowledged)} acknowledged transfers ${thousands(lost)} were lost and ${thousands(doubled)} were executed twice; the state is ${rootsEqual ? 'that of L1' : 'NOT that of L1'}. ${thousands(flips)} copies of its database had a bit flipped and ${thousands(truncations)} were cut off somewhere; of one in each round what could be saved was saved.${verdict}`,
    table(
      ['damage', ''],
      [
        row('refused at the start', detected),
        row('harmless: every answer is as before', harmless),
        row('saved without anything missing', repaired),
        row('saved, with what is missing named', named),
        row('unnoticed, full disks included', silent),
      ],
    ),
  ].join('\n\n');
}
