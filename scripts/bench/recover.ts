/**
 * `./dev bench recover [--batches N] [--transfers N] [--json] [--save]`: a sequencer loses its disk, with transfers that are
 * acknowledged and on no L1. It is made anew from L1 alone, interrupted once, and from a copy that was taken halfway; one whose
 * log is in a journal begins with an empty disk, from that alone. Each goes on. Ends with code 1 when a state is another one, when
 * something is executed twice, or when nothing goes on. Needs a PostgreSQL.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, isRollupError } from '@quittance/protocol';
import { startCopyServer } from '../../cli/sequencer/copy/serve.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { readArguments } from './parts/arguments.ts';
import { printResult } from './parts/options.ts';
import { recoverFromJournal } from './parts/recover/journal.ts';
import { failuresOf, type RecoverResult, type WentOn } from './parts/recover/result.ts';
import { createRecoverRollup, type RecoverRollup, type RunningSequencer } from './parts/recover/rollup.ts';
import { runCommand } from './parts/recover/run.ts';

const USAGE = 'usage: ./dev bench recover [--batches N] [--transfers N] [--json] [--save]';
/** Fewer end before there is a line of progress to interrupt at. */
const MIN_BATCHES = 60;
/** Acknowledged and in no batch when the disk is lost. */
const UNKNOWN = 20;
const TOKEN = 'bench-'.repeat(8);

const { batches, transfers, json, save } = readArguments(USAGE, { batches: '100', transfers: '20' }, (whole) => ({
  batches: whole('batches', MIN_BATCHES),
  transfers: whole('transfers', 1),
}));
const folder = mkdtempSync(join(tmpdir(), 'quittance-bench-recover-'));
const fileOf = (name: string): string => join(folder, name);
writeFileSync(fileOf('token'), TOKEN, { mode: 0o600 });
const usageFile = fileOf('usage');

/** Sends payments [first, first + count). @returns how many were acknowledged. */
async function pay({ payment }: RecoverRollup, { sequencer }: RunningSequencer, first: number, count: number) {
  const requests = Array.from({ length: count }, (_, position) => payment(first + position));
  const answers = await sequencer.submitAll(requests);
  return answers.filter((answer) => 'acknowledgement' in answer).length;
}

/** Takes a copy as an operator does. */
async function copy(rollup: RecoverRollup, { storage }: RunningSequencer) {
  const server = await startCopyServer({
    ...{ storage, host: '127.0.0.1', port: 0, tokens: [TOKEN], clock: systemClock, logger: silentLogger },
  });
  const flags = ['--copy-url', server.url, '--copy-token-file', fileOf('token'), '--into', fileOf('copy.db')];
  const run = await runCommand(rollup, ['copy', ...flags], usageFile);
  await server.stop();
  return { copySeconds: Number(run.seconds.toFixed(1)), copyBytes: Number(run.result?.['bytes'] ?? 0) };
}

/** Starts a sequencer on a database, sends all again that it may not know, and lets it make one more batch. */
async function goOn(rollup: RecoverRollup, file: string, executed: number, unknown: number): Promise<WentOn> {
  const root = await rollup.rootOnL1();
  const running = await rollup.start(file);
  const { sequencer, storage } = running;
  const before = sequencer.status().sealedBatch;
  const rootsEqual = storage.batches.last()?.header.stateRoot === root;
  let executedAgain = 0;
  for (const nonce of [0, executed - 1]) {
    try {
      const { status } = await sequencer.submit(rollup.payment(nonce));
      if (status === 'pending') executedAgain += 1;
    } catch (error) {
      if (!isRollupError(error, 'NONCE_USED')) throw error;
    }
  }
  const unknownTaken = await pay(rollup, running, executed, unknown);
  await running.settle();
  const { sealedBatch, finalBatch } = sequencer.status();
  await running.stop();
  return {
    rootsEqual,
    goesOn: finalBatch === sealedBatch && finalBatch > before,
    executedAgain,
    unknown,
    unknownTaken,
  };
}

async function measure(rollup: RecoverRollup): Promise<Omit<RecoverResult, 'fromJournal'>> {
  const running = await rollup.start(fileOf('lost.db'));
  await running.settle(); // the deposits
  let copied = { copySeconds: 0, copyBytes: 0 };
  for (let batch = 1; batch < batches; batch += 1) {
    await pay(rollup, running, (batch - 1) * transfers, transfers);
    if (batch === batches >> 1) copied = await copy(rollup, running);
    await running.settle();
    if (batch % 20 === 0) console.error(`${batch} of ${batches} batches are on L1`);
  }
  const executed = (batches - 1) * transfers;
  await pay(rollup, running, executed, UNKNOWN);
  await running.stop(); // and its disk is lost

  const recover = (name: string, isInterrupted = false) =>
    runCommand(rollup, ['recover', '--database', fileOf(name)], usageFile, isInterrupted);
  const first = await recover('anew.db', true);
  const second = await recover('anew.db');
  const adopted = second.result?.['adopted'] as { first: number; last: number } | undefined;
  const seconds = first.seconds + second.seconds;
  const caughtUp = await recover('copy.db');
  const lacked = caughtUp.result?.['adopted'] as { first: number; last: number } | undefined;
  return {
    ...{ batches, transfers: executed },
    fromL1: {
      ...(await goOn(rollup, fileOf('anew.db'), executed, UNKNOWN)),
      seconds: Number(seconds.toFixed(1)),
      secondsPerBatch: Number((seconds / batches).toFixed(3)),
      peakBytes: Math.max(first.peakBytes, second.peakBytes),
      resumed: first.code === ExitCode.interrupted && (adopted?.first ?? 0) > 1,
      unlisted: Number(second.result?.['unlisted']),
      knownThroughBatch: Number(second.result?.['batch']),
      knownThroughTime: Number(second.result?.['batchTime']),
    },
    fromCopy: {
      ...(await again(rollup, executed)),
      ...copied,
      seconds: Number(caughtUp.seconds.toFixed(1)),
      adopted: lacked === undefined ? 0 : lacked.last - lacked.first + 1,
    },
  };
}

/** The copy goes on behind the batch that the first one made. */
async function again(rollup: RecoverRollup, executed: number): Promise<WentOn> {
  await runCommand(rollup, ['recover', '--database', fileOf('copy.db')], usageFile);
  return goOn(rollup, fileOf('copy.db'), executed + UNKNOWN, UNKNOWN);
}

const rollup = await createRecoverRollup();
try {
  const fromJournal = await recoverFromJournal(batches, console.error);
  const result = { ...(await measure(rollup)), fromJournal };
  const { fromL1, fromCopy } = result;
  printResult(result, { name: 'recover', json, save, slots: 0 }, [
    `${result.batches} batches with ${result.transfers} transfers from L1 alone: ${fromL1.seconds} s, ${(fromL1.peakBytes / 2 ** 20).toFixed(0)} MiB; nothing acknowledged is known after batch ${fromL1.knownThroughBatch}`,
    `from a copy of ${(fromCopy.copyBytes / 2 ** 20).toFixed(1)} MiB, taken in ${fromCopy.copySeconds} s: ${fromCopy.adopted} batches in ${fromCopy.seconds} s`,
    `from the journal alone: ${fromJournal.batches} batches with ${fromJournal.acknowledged} transfers in ${fromJournal.seconds} s, ${fromJournal.lost} lost`,
  ]);
  const failures = failuresOf(result);
  for (const failure of failures) console.error(failure);
  process.exitCode = failures.length === 0 ? 0 : 1;
} finally {
  await rollup.stop();
  rmSync(folder, { recursive: true, force: true });
}
