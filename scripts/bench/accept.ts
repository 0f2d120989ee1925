/**
 * `./dev bench accept [--minutes N] [--rate N|max] [--single-rate N|max]`: what a sequencer accepts durably over JSON-RPC, in lists as JSON
 * and as bytes and in single calls, while it seals. The sequencer, the load and L1 are processes of their own on this machine. Ends with code 1 when
 * an acknowledged transfer is lost.
 */

import { type HonestReport, runHostile } from './parts/accept/hostile.ts';
import {
  type AcceptOptions,
  type AcceptRunName,
  parseAcceptOptions,
  RUN_NAMES,
  USAGE,
} from './parts/accept/options.ts';
import { type AcceptReport, runAccept } from './parts/accept/run.ts';
import { printResult } from './parts/options.ts';

function readOptions(): AcceptOptions {
  try {
    return parseAcceptOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return process.exit(2);
  }
}

const { help, json, save, minutes, wallets, profile, modes, hostile } = readOptions();
if (help) {
  console.log(USAGE);
  process.exit(0);
}
if (hostile !== undefined) {
  const found = await runHostile(hostile);
  const line = (name: string, { p50Ms, p99Ms, longestBlockMs }: HonestReport) =>
    `${name.padEnd(12)} p50 ${p50Ms} ms, p99 ${p99Ms} ms; longest block ${longestBlockMs} ms`;
  const floods = Object.entries(found.floods).map(([name, report]) => `${line(name, report)}; ${report.ratio} times`);
  printResult(found, { name: 'accept-hostile', json, save, slots: 0 }, [line('quiet', found.quiet), ...floods]);
  process.exit(found.lost === 0 ? 0 : 1);
}
const reports: Partial<Record<AcceptRunName, AcceptReport>> = {};
for (const name of RUN_NAMES) {
  const mode = modes[name];
  if (mode !== undefined) reports[name] = await runAccept({ mode, seconds: 60 * minutes, wallets, profile });
}
const all = Object.values(reports);
const result = {
  ...reports,
  minutes,
  memoryGrowth: Math.max(...all.map(({ memoryGrowth }) => memoryGrowth)),
  sealedPerSecond: Math.min(...all.map(({ sealedPerSecond }) => sealedPerSecond)),
  longestBlockMs: Math.max(...all.map(({ longestBlockMs }) => longestBlockMs)),
  lost: all.reduce((sum, { lost }) => sum + lost, 0),
};
printResult(
  result,
  { name: 'accept', json, save, slots: 0 },
  Object.entries(reports).map(
    ([name, { perSecond, p50Ms, p99Ms, sealedPerSecond, longestBlockMs }]) =>
      `${name.padEnd(8)}${perSecond.toFixed(0).padStart(8)} a second, p50 ${p50Ms} ms, p99 ${p99Ms} ms; ` +
      `sealed ${sealedPerSecond.toFixed(0)} a second; longest block ${longestBlockMs} ms`,
  ),
);
process.exit(result.lost === 0 ? 0 : 1);
