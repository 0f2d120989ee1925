/** `quittance prover start`: a machine that proves for a sequencer elsewhere. */

import { hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { isPassing, PROFILES, type ProfileName, RollupError } from '@quittance/protocol';
import {
  DEFAULT_BUILD_DIRECTORY,
  type FleetClient,
  type FleetStatus,
  fetchKey,
  type Prover,
  runWorker,
} from '../../prover/index.ts';
import { type Logger, systemClock } from '../../runtime/index.ts';
import { VERSION } from '../../sequencer/index.ts';
import type { Values } from '../config/setting.ts';
import { withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { openLog } from '../process/log.ts';
import { untilBegun } from '../process/signals.ts';
import { checkVerifyingKey } from '../sequencer/preflight.ts';
import { verifyingKeyHash } from '../setup/key.ts';
import { openProver, requireBackend, requireSafeKey } from './backend.ts';
import { openClient } from './client.ts';
import type { START_SETTINGS } from './settings.ts';

type StartValues = Values<typeof START_SETTINGS>;

const ASK_AGAIN_MS = 3_000;

/** What the sequencer proves with; waits for one that is away. @throws RollupError PROVER_TOKEN_REFUSED. */
async function askFleet(client: FleetClient, logger: Logger, signal: AbortSignal): Promise<FleetStatus> {
  for (let isTold = false; ; isTold = true) {
    try {
      return await client.status({ signal });
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (!isTold) logger.warn('no sequencer answers; waiting for it', { error });
      await systemClock.sleep(ASK_AGAIN_MS, signal);
    }
  }
}

/** @throws RollupError CONFIG_INVALID for a profile that this version does not know. */
function profileOf({ profile }: FleetStatus): ProfileName {
  if (Object.hasOwn(PROFILES, profile)) return profile as ProfileName;
  const message = `the sequencer has profile ${profile}, which this version does not know: use its version`;
  throw new RollupError('CONFIG_INVALID', message, { expected: Object.keys(PROFILES).join(), actual: profile });
}

/**
 * Proves for no key but the one that is asked for, and that L1 has where it can be asked.
 *
 * @throws RollupError KEY_OF_ANOTHER_CIRCUIT, INSECURE_KEY, CONFIG_INVALID.
 */
async function checkKey(prover: Prover, { circuit }: FleetStatus, values: StartValues): Promise<void> {
  const ours = verifyingKeyHash(prover.verifyingKey);
  if (ours !== circuit) {
    const message =
      `the sequencer wants proofs of key ${circuit}, this machine has ${ours}: give the ceremony's key with --zkey, or use ` +
      'the version of the sequencer';
    throw new RollupError('KEY_OF_ANOTHER_CIRCUIT', message, {
      path: values.zkey ?? '',
      expected: circuit,
      actual: ours,
    });
  }
  const { l1Url: url, contract, chainId: expected } = values;
  if (url === undefined || contract === undefined) return;
  await withL1({ url, expected }, async (l1) => {
    await checkVerifyingKey(l1, contract, ours);
    requireSafeKey(prover, l1.chainId);
  });
}

/** Where L1 can be asked: that it is the contract's circuit that proofs are wanted for. @throws as `checkVerifyingKey`. */
async function checkAsked(circuit: string, { l1Url: url, contract, chainId: expected }: StartValues): Promise<void> {
  if (url === undefined || contract === undefined) return;
  await withL1({ url, expected }, (l1) => checkVerifyingKey(l1, contract, circuit));
}

async function work(context: Context, values: StartValues, begun: () => void): Promise<void> {
  const { output, signal } = context;
  requireBackend(values);
  if ((values.l1Url === undefined) !== (values.contract === undefined)) {
    throw new UsageError('--l1-url and --contract go together');
  }
  const client = openClient(values, output);
  const logger = openLog(context, values);
  const fleet = await askFleet(client, logger, signal);
  const profile = profileOf(fleet);
  const directory = join(DEFAULT_BUILD_DIRECTORY, 'fetched');
  // Whoever claims to be the sequencer of a rollup sends no key of gigabytes for another one.
  await checkAsked(fleet.circuit, values);
  const zkey = values.zkey ?? (await fetchKey({ client, circuit: fleet.circuit, directory, logger, signal }));
  const prover = await openProver(context, { ...values, zkey }, profile, logger);
  try {
    await checkKey(prover, fleet, values);
    begun();
    const instance = (values.name ?? `${hostname()}-${process.pid}`).slice(0, 128);
    output.result(
      { url: client.url, name: instance, profile, circuit: fleet.circuit, prover: prover.backend },
      () => instance,
    );
    const options = {
      client,
      prover,
      circuit: fleet.circuit,
      slotsPerChunk: PROFILES[profile].slotsPerChunk,
      instance,
    };
    const machine = { version: VERSION, backend: prover.backend, memoryBytes: totalmem() };
    const concurrency = values.provingConcurrency;
    await runWorker({ ...options, ...machine, concurrency, clock: systemClock, logger }, signal);
  } finally {
    await prover.close();
  }
}

/** Proves until it is interrupted. @throws why nobody gives it work any more. */
export function runProver(context: Context, values: StartValues): Promise<void> {
  return untilBegun(context.signal, (begun) => work(context, values, begun));
}
