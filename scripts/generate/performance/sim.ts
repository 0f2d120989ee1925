/** The section of docs/performance.md about the simulator. */

import type { SimResult } from '../../bench/parts/sim/result.ts';
import { type Measured, machineLine, thousands } from './table.ts';

/** How many steps kept every promise. */
export function simSection(measured: Measured<SimResult> | undefined): string {
  if (measured === undefined) return '';
  const { seed, steps, stepsPerMinute, worlds, violations, events } = measured.result;
  const count = (name: string): string => thousands(events[name] ?? 0);
  const kept =
    violations === 0 ? 'Every promise was kept in all of them.' : `NOT KEPT: ${violations} worlds are broken.`;
  return [
    '## Simulator',
    `\`./dev bench sim --seed ${seed} --steps ${steps}\`. ${machineLine(measured.machine)}`,
    `${thousands(steps)} steps in ${thousands(worlds)} worlds, ${thousands(stepsPerMinute)} a minute, with ${count('acknowledged')} acknowledged payments, ${count('crash')} crashes, ${count('reorg')} reorgs (${count('deep reorg')} deeper than the confirmations), ${count('partition')} partitions and ${count('suspension')} suspensions. ${kept}`,
  ].join('\n\n');
}
