/** `./dev start`: a whole rollup on this machine, shown at work. */

import { DEFAULT_SEAL_AFTER_MS, ExitCode, PROFILES, type ProfileName } from '@quittance/protocol';
import { Command, InvalidArgumentError, Option } from 'commander';
import { requireFreePort } from '../cli/devnet/ports.ts';
import { errorText, exitCodeOf } from '../cli/process/errors.ts';
import { isNativeAvailable } from '../native/index.ts';
import { type BackendName, parseProverCommand } from '../prover/index.ts';
import { SEQUENCER_MODES, type SequencerMode } from '../sequencer/index.ts';
import { formatChannelReport, runChannelScenario } from './channels/scenario.ts';
import { formatClusterReport, runClusterScenario } from './cluster/scenario.ts';
import { createOptimisticReport, formatOptimisticReport } from './devnet/optimistic-report.ts';
import { runOptimisticScenario } from './devnet/optimistic-scenario.ts';
import { createProgress } from './devnet/progress.ts';
import { createReport, formatReport } from './devnet/report.ts';
import { type LocalRollup, startRollup } from './devnet/rollup.ts';
import { runScenario } from './devnet/scenario.ts';
import { SCENARIO_SIZES, type ScenarioSize } from './devnet/scenario-parts.ts';
import { servingText } from './devnet/serving-text.ts';

interface StartOptions {
  readonly once?: true;
  readonly json?: true;
  readonly quiet?: true;
  readonly mode: SequencerMode | 'channels';
  readonly data: 'calldata' | 'blobs';
  readonly profile: ProfileName;
  readonly prover: BackendName;
  readonly proverCommand?: string;
  readonly transfers?: number;
  readonly port: number;
  readonly nodes?: number;
}

function integer(minimum: number, maximum: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < minimum || value > maximum) {
      throw new InvalidArgumentError(`expected a whole number from ${minimum} to ${maximum}`);
    }
    return value;
  };
}

const MAX_TRANSFERS = 10_000;
const MAX_NODES = 5;
/** Some batches of profile quick before, between and after what happens. */
const CLUSTER_TRANSFERS = 150;
const CHANNEL_WALLETS = 100;
const CHANNEL_PAYMENTS = 10_000;
const CHANNEL_SEAL_AFTER_MS = 500;
const native = isNativeAvailable();

const command = new Command('./dev start')
  .description('Runs a local L1, the contracts, a sequencer and provers; sends transfers, proves and finalizes them.')
  .option('--once', 'end after the batches instead of serving the API')
  .option('--json', 'print the result as one JSON object, the last line of stdout')
  .option('--quiet', 'no progress')
  .addOption(
    new Option('--profile <name>', 'shape of chunks and batches')
      .choices(Object.keys(PROFILES))
      .default(native ? 'standard' : 'quick'),
  )
  .addOption(
    new Option(
      '--mode <name>',
      'how batches become final: zk by proofs; optimistic after a challenge period, with a lie that a watcher overturns; ' +
        'hybrid asserted at once and proven afterwards; channels, with --once: wallets that pay over two hubs (profile quick)',
    )
      .choices([...SEQUENCER_MODES, 'channels'])
      .default('zk'),
  )
  .addOption(
    new Option(
      '--data <where>',
      'where the records of batches go: calldata on a rollup that keeps all of its data on L1 for ever, or blobs',
    )
      .choices(['calldata', 'blobs'])
      .default('calldata'),
  )
  .addOption(
    new Option('--prover <name>', 'proving backend')
      .choices(['native', 'snarkjs', 'command'])
      .default(native ? 'native' : 'snarkjs'),
  )
  .addOption(
    new Option(
      '--prover-command <line>',
      'with --prover command: program and parameters; the paths of .zkey, .wtns, proof.json and public.json follow',
    ).env('QUITTANCE_PROVER_COMMAND'),
  )
  .option(
    '--transfers <n>',
    'plain transfers to send, or with --mode channels payments to make',
    integer(1, MAX_TRANSFERS),
  )
  .option(
    '--nodes <n>',
    'with --once: several sequencers that share a log in PostgreSQL, and provers of their own; the leader and the primary ' +
      'are killed in the middle (profile quick, mode zk)',
    integer(2, MAX_NODES),
  )
  .option('--port <n>', 'port of the API (0: any free one)', integer(0, 65_535), 0)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? ExitCode.done : ExitCode.usage))
  .parse();

const options = command.opts<StartOptions>();
if (options.mode === 'hybrid' && options.data === 'blobs') {
  command.error('error: hybrid batches are asserted by calldata, since nobody can prove what was asserted in blobs');
}
if (options.nodes !== undefined && options.once !== true) command.error('error: --nodes needs --once');
if (options.nodes !== undefined && options.mode !== 'zk') command.error('error: --nodes is for mode zk');
if (options.mode === 'channels' && options.once !== true) command.error('error: --mode channels needs --once');
const progress = createProgress({ quiet: options.quiet ?? false });

/** Resolves at the first SIGINT, SIGTERM or SIGHUP; a second SIGINT or SIGTERM ends the process at once. */
function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    let interrupted = false;
    const onSignal = () => {
      if (interrupted) process.exit(ExitCode.interrupted);
      interrupted = true;
      process.stderr.write('stopping; press again to stop at once\n');
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    // The terminal is gone, and takes no more words.
    process.on('SIGHUP', () => {
      if (!interrupted) onSignal();
    });
    process.stderr.on('error', () => undefined);
  });
}

/** The scenario of a mode of batches, with its report as an object and as text. */
async function play(
  rollup: LocalRollup,
  size: ScenarioSize,
  mode: SequencerMode,
): Promise<{ readonly report: { readonly final: boolean }; readonly text: string }> {
  const { profile, prover } = options;
  if (mode === 'optimistic') {
    const report = createOptimisticReport(profile, await runOptimisticScenario(rollup, size, progress));
    return { report, text: formatOptimisticReport(report) };
  }
  const challengePeriodSeconds = rollup.optimistic?.terms.challengePeriodSeconds;
  const result = await runScenario(rollup, size, progress);
  const report = createReport({ profile, prover, mode, challengePeriodSeconds }, result, rollup.proofTimes);
  return { report, text: formatReport(report) };
}

async function run(mode: SequencerMode): Promise<void> {
  const interrupted = untilInterrupted();
  await requireFreePort('--port', options.port, 'the API');
  const profile = PROFILES[options.profile];
  const size = SCENARIO_SIZES[options.profile];
  const rollup: LocalRollup = await startRollup({
    profile,
    backend: options.prover,
    ...(options.prover === 'command' ? { command: parseProverCommand(options.proverCommand ?? '') } : {}),
    port: options.port,
    progress,
    mode,
    data: options.data,
    // A devnet that stays up seals by time for those who use it by hand; not in the middle of the transfers of the lie.
    ...(options.once ? {} : { sealAfterMs: (mode === 'optimistic' ? 10 : 1) * DEFAULT_SEAL_AFTER_MS }),
  });
  try {
    const scenario = play(rollup, { ...size, transfers: options.transfers ?? size.transfers }, mode);
    const result = await Promise.race([scenario, interrupted]);
    if (result === undefined) {
      scenario.catch(() => undefined); // it fails once everything is stopped below
      process.exitCode = ExitCode.interrupted;
      return;
    }
    process.stdout.write(options.json ? `${JSON.stringify(result.report)}\n` : `\n${result.text}\n`);
    if (!result.report.final) process.exitCode = 1;
    if (options.once) {
      progress.say('next: ./dev start (stays up, with its API), ./dev test, ./dev bench prove');
      return;
    }
    progress.say(servingText(rollup, size.people));
    await interrupted;
  } finally {
    await rollup.stop();
  }
}

/** Several nodes. */
async function runNodes(nodeCount: number): Promise<void> {
  const transfers = options.transfers ?? CLUSTER_TRANSFERS;
  const report = await runClusterScenario({ nodeCount, transfers, progress });
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `\n${formatClusterReport(report)}\n`);
  if (!report.final) process.exitCode = 1;
}

/** Payment channels: many small batches open and close them. */
async function runChannels(): Promise<void> {
  const interrupted = untilInterrupted();
  const rollup = await startRollup({
    ...{ profile: PROFILES.quick, backend: options.prover, port: options.port, progress, mode: 'zk' },
    sealAfterMs: CHANNEL_SEAL_AFTER_MS,
  });
  try {
    const payments = options.transfers ?? CHANNEL_PAYMENTS;
    const played = runChannelScenario(rollup, { wallets: CHANNEL_WALLETS, payments, progress });
    const report = await Promise.race([played, interrupted]);
    if (report === undefined) {
      played.catch(() => undefined); // it fails once everything is stopped below
      process.exitCode = ExitCode.interrupted;
      return;
    }
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `\n${formatChannelReport(report)}\n`);
    if (!report.balancesRight || report.cheatersCaught < 2) process.exitCode = 1;
  } finally {
    await rollup.stop();
  }
}

try {
  if (options.nodes !== undefined) await runNodes(options.nodes);
  else await (options.mode === 'channels' ? runChannels() : run(options.mode));
} catch (error) {
  process.stderr.write(`${errorText(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
process.exit();
