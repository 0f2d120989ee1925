/**
 * `./dev bench journal [--segments N] [--transfers N] [--followers N] [--rate N] [--json] [--save]`: appends to the journal of several
 * nodes, on a PostgreSQL with a synchronous standby on this machine, its data on disk.
 */

import { parseArgs } from 'node:util';
import { journalLines } from './parts/journal/result.ts';
import { type JournalBenchOptions, runJournalBench } from './parts/journal/run.ts';
import { printResult } from './parts/options.ts';

const USAGE = 'usage: ./dev bench journal [--segments N] [--transfers N] [--followers N] [--rate N] [--json] [--save]';

function readOptions(): JournalBenchOptions & { readonly json: boolean; readonly save: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        save: { type: 'boolean', default: false },
        segments: { type: 'string', default: '600' },
        transfers: { type: 'string', default: '512' },
        followers: { type: 'string', default: '2' },
        rate: { type: 'string', default: '10000' },
      },
    });
    const count = (name: 'segments' | 'transfers' | 'followers' | 'rate', most: number): number => {
      const value = Number(values[name]);
      if (!Number.isSafeInteger(value) || value < 1 || value > most) throw new Error(`--${name} takes 1 to ${most}`);
      return value;
    };
    const counts = {
      segments: count('segments', 1e6),
      transfers: count('transfers', 4_096),
      followers: count('followers', 16),
      rate: count('rate', 1e6),
    };
    return { ...counts, json: values.json, save: values.save };
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    return process.exit(2);
  }
}

const { json, save, ...options } = readOptions();
const result = await runJournalBench(options);
printResult(result, { name: 'journal', json, save, slots: 0 }, journalLines(result));
