import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PROFILES, type ProfileName } from '@quittance/protocol';
import { describeMachine } from './machine.ts';

/** What the benches of circuits and proofs take. */
export interface BenchOptions {
  readonly name: string;
  readonly json: boolean;
  /** Keep the result in docs/performance/. */
  readonly save: boolean;
  readonly slots: number;
  readonly profile?: ProfileName | undefined;
}

const FOLDER = fileURLToPath(new URL('../../../docs/performance/', import.meta.url));

/** Reads `--json`, `--save`, `--slots N` and `--profile name`; ends with code 2 on anything else. */
export function readBenchOptions(name: string, defaultSlots: number): BenchOptions {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        save: { type: 'boolean', default: false },
        slots: { type: 'string', default: String(defaultSlots) },
        profile: { type: 'string' },
      },
    });
    const slots = Number(values.slots);
    if (!Number.isSafeInteger(slots) || slots < 2 || slots % 2 !== 0) throw new Error('--slots takes an even number');
    const { profile } = values;
    if (profile !== undefined && !Object.hasOwn(PROFILES, profile)) {
      throw new Error(`--profile takes one of ${Object.keys(PROFILES).join(', ')}`);
    }
    return { name, json: values.json, save: values.save, slots, profile: profile as ProfileName | undefined };
  } catch (error) {
    const names = Object.keys(PROFILES).join('|');
    console.error(
      `usage: ./dev bench ${name} [--json] [--save] [--slots N] [--profile ${names}]: ${(error as Error).message}`,
    );
    process.exit(2);
  }
}

/**
 * Prints the result: the JSON object is the last line of stdout, people read the lines before it. With `--save` it is
 * kept in docs/performance/, with the machine, for scripts/generate/performance.ts.
 */
export function printResult(result: object, { name, json, save }: BenchOptions, lines: readonly string[]): void {
  if (!json) for (const line of lines) console.log(line);
  if (save) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(`${FOLDER}${name}.json`, `${JSON.stringify({ machine: describeMachine(), result }, null, 2)}\n`);
  }
  console.log(JSON.stringify(result));
}
