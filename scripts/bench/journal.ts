/**
 * `./dev bench journal [--segments N] [--transfers N] [--followers N] [--rate N] [--json] [--save]`: appends to the journal of several
 * nodes, on a PostgreSQL with a synchronous standby on this machine, its data on disk.
 */

import { readArguments } from './parts/arguments.ts';
import { journalLines } from './parts/journal/result.ts';
import { type JournalBenchOptions, runJournalBench } from './parts/journal/run.ts';
import { printResult } from './parts/options.ts';

const USAGE = 'usage: ./dev bench journal [--segments N] [--transfers N] [--followers N] [--rate N] [--json] [--save]';

const { json, save, ...options } = readArguments(
  USAGE,
  { segments: '600', transfers: '512', followers: '2', rate: '10000' },
  (whole): JournalBenchOptions => ({
    segments: whole('segments', 1),
    transfers: whole('transfers', 1, 4_096),
    followers: whole('followers', 1, 16),
    rate: whole('rate', 1),
  }),
);
const result = await runJournalBench(options);
printResult(result, { name: 'journal', json, save, slots: 0 }, journalLines(result));
