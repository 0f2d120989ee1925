import type { Machine } from '../../bench/parts/machine.ts';

/** A file of docs/performance/: what a bench printed, and where. */
export interface Measured<Result> {
  readonly machine: Machine;
  readonly result: Result;
}

/** A Markdown table; all columns but the first are numbers, to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map(line).join('\n');
}

/** The machine and how busy it was, in one line. */
export function machineLine({ cpu, cores, memoryBytes, ifma, node, load, date }: Machine): string {
  const kind = ifma ? 'AVX512-IFMA' : 'no AVX512-IFMA';
  return `${cpu}, ${cores} cores, ${kind}, ${gibibytes(memoryBytes)} of memory, Node.js ${node}, load ${load}, ${date}.`;
}

export function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

export function seconds(value: number | undefined): string {
  if (value === undefined) return '–';
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2);
}

export function thousands(value: number): string {
  return Math.round(value).toLocaleString('en');
}
