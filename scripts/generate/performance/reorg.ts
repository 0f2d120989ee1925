/** The section of docs/performance.md about reorgs of L1. */

import type { ReorgResult } from '../../bench/parts/reorg/result.ts';
import { type Measured, machineLine, table, thousands } from './table.ts';

/** What became of payments under reorgs. */
export function reorgSection(measured: Measured<ReorgResult> | undefined): string {
  if (measured === undefined) return '';
  const { depths, runs, takenBack, acknowledged, undone, lost, doubled, halted, rootsEqual } = measured.result;
  return [
    '## Reorgs',
    `\`./dev bench reorg --json\`. ${machineLine(measured.machine)}`,
    `A sequencer on anvil, which takes back ${depths.join(', ')} blocks while people pay; deposits are the same afterwards, gone, smaller or in another order, with fewer confirmations than the depth and with more:`,
    table(
      ['', ''],
      [
        ['reorgs', thousands(runs)],
        ['of them beyond what was counted', thousands(takenBack)],
        ['payments acknowledged', thousands(acknowledged)],
        ['undone with their money, and told so', thousands(undone)],
        ['lost', thousands(lost)],
        ['doubled', thousands(doubled)],
        ['halts', thousands(halted)],
        ['state on L1 as in the database', rootsEqual ? 'always' : 'no'],
      ],
    ),
  ].join('\n\n');
}
