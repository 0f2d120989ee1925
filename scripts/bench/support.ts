import { parseArgs } from 'node:util';

/** What the benches of circuits and proofs take. */
export interface BenchOptions {
  readonly json: boolean;
  readonly slots: number;
}

/** Reads `--json` and `--slots N`; ends with code 2 on anything else. */
export function readBenchOptions(name: string, defaultSlots: number): BenchOptions {
  try {
    const { values } = parseArgs({
      options: { json: { type: 'boolean', default: false }, slots: { type: 'string', default: String(defaultSlots) } },
    });
    const slots = Number(values.slots);
    if (!Number.isSafeInteger(slots) || slots < 2 || slots % 2 !== 0) throw new Error('--slots takes an even number');
    return { json: values.json, slots };
  } catch (error) {
    console.error(`usage: ./dev bench ${name} [--json] [--slots N]: ${(error as Error).message}`);
    process.exit(2);
  }
}

/** Prints the result: the JSON object is the last line of stdout, people read the lines before it. */
export function printResult(result: object, { json }: BenchOptions, lines: readonly string[]): void {
  if (!json) for (const line of lines) console.log(line);
  console.log(JSON.stringify(result));
}
