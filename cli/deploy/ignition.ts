/** Runs the Ignition module of the contracts with one local key. */

import {
  type DeploymentParameters,
  type DeploymentResult,
  DeploymentResultType,
  deploy,
  type IgnitionModule,
} from '@nomicfoundation/ignition-core';
import { RollupError } from '@quittance/protocol';
import { artifactResolver } from './artifacts.ts';
import channelsModule from './modules/Channels.ts';
import rollupModule from './modules/Rollup.ts';
import zkRollupModule from './modules/ZkRollup.ts';
import { type DeploymentProgress, listen } from './progress.ts';
import type { SigningProvider } from './signing-provider.ts';

/** Rollup has optimistic mode, ZkRollup has not; Channels are for either. */
const MODULES: Readonly<Record<keyof DeployedBy, IgnitionModule>> = {
  Rollup: rollupModule,
  ZkRollup: zkRollupModule,
  Channels: channelsModule,
};

/** What went wrong, future by future. */
function reasonOf(result: Exclude<DeploymentResult, { type: DeploymentResultType.SUCCESSFUL_DEPLOYMENT }>): string {
  if (result.type === DeploymentResultType.EXECUTION_ERROR) {
    const failed = result.failed.map(({ futureId, error }) => `${futureId}: ${error}`);
    const timedOut = result.timedOut.map(({ futureId }) => `${futureId}: its transaction was not included in time`);
    return [...failed, ...timedOut].join('; ');
  }
  return Object.entries(result.errors)
    .map(([future, errors]) => `${future}: ${errors.join(', ')}`)
    .join('; ');
}

/** What to do next, where there is a record to resume from. */
function adviceOf(type: DeploymentResultType, record: string | undefined): string {
  if (record === undefined) return '';
  return type === DeploymentResultType.RECONCILIATION_ERROR
    ? `. The record ${record} is of a deployment with other parameters: give another --record for a new one`
    : `. Its record is ${record}: the same command goes on from there`;
}

export interface IgnitionRun<Module extends keyof DeployedBy = keyof DeployedBy> {
  readonly module: Module;
  readonly provider: SigningProvider;
  readonly sender: string;
  /** For the module. */
  readonly parameters: DeploymentParameters[string];
  /** Journal from which an interrupted deployment resumes; without it nothing is kept. */
  readonly record: string | undefined;
  /** Blocks on top of a transaction before the next one is sent. */
  readonly confirmations: number;
  readonly pollMs: number;
  readonly progress?: DeploymentProgress;
  /** Stops it between two transactions: what was sent is in the record. */
  readonly signal?: AbortSignal;
}

/** Addresses by the names that the module gives its results; no assertions without optimistic mode. */
export type DeployedAddresses = Readonly<Record<'rollup' | 'verifier' | 'poseidon' | 'timelock', string>> & {
  readonly assertions?: string;
};

/** What each module deploys. */
export interface DeployedBy {
  readonly Rollup: DeployedAddresses;
  readonly ZkRollup: DeployedAddresses;
  readonly Channels: Readonly<Record<'channels' | 'preimages', string>>;
}

/**
 * Ignition knows no signal, and takes an error of its provider for one of the transaction. So it is left waiting for an answer
 * that never comes, once the record has the hash of everything that was sent.
 */
function stoppable(
  { provider, progress = {}, signal }: IgnitionRun,
  ignitionModule: IgnitionModule,
): {
  readonly provider: SigningProvider;
  readonly stopped: Promise<never>;
  readonly listening: ReturnType<typeof listen>;
} {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  stopped.catch(() => undefined); // heard by whoever races with it
  const look = (): void => {
    if (signal?.aborted === true && !listening.isSending()) reject(signal.reason);
  };
  const listening = listen(ignitionModule, progress, look);
  signal?.addEventListener('abort', look, { once: true });
  look();
  return {
    listening,
    stopped,
    provider: {
      request(call) {
        const isOver = signal?.aborted === true && !listening.isSending();
        return isOver ? new Promise(() => undefined) : provider.request(call);
      },
    },
  };
}

/**
 * Deploys, or resumes what `record` holds.
 *
 * @throws RollupError L1_REJECTED, TIMEOUT or CONFIG_INVALID; the signal's reason.
 */
export async function runIgnition<Module extends keyof DeployedBy>(
  run: IgnitionRun<Module>,
): Promise<DeployedBy[Module]> {
  const ignitionModule = MODULES[run.module];
  const { provider, stopped, listening } = stoppable(run, ignitionModule);
  const deploying = deploy({
    config: { requiredConfirmations: run.confirmations, blockPollingInterval: run.pollMs },
    provider,
    artifactResolver,
    ignitionModule,
    deploymentParameters: { [run.module]: run.parameters },
    accounts: [run.sender],
    executionEventListener: listening.listener,
    ...(run.record === undefined ? {} : { deploymentDir: run.record }),
  });
  const result = await Promise.race([deploying, stopped]);
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) {
    const timedOut = result.type === DeploymentResultType.EXECUTION_ERROR && result.timedOut.length > 0;
    const refused = result.type === DeploymentResultType.EXECUTION_ERROR && !timedOut;
    throw new RollupError(
      timedOut ? 'TIMEOUT' : refused ? 'L1_REJECTED' : 'CONFIG_INVALID',
      `the deployment did not succeed: ${reasonOf(result)}${adviceOf(result.type, run.record)}`,
      { result: result.type },
    );
  }
  const names = Object.entries(ignitionModule.results);
  return Object.fromEntries(
    names.map(([name, future]) => [name, result.contracts[future.id]!.address]),
  ) as unknown as DeployedBy[Module];
}
