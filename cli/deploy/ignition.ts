/** Runs the Ignition module of the contracts with one local key. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type Artifact,
  type ArtifactResolver,
  type DeploymentParameters,
  type DeploymentResult,
  DeploymentResultType,
  deploy,
  type IgnitionModule,
} from '@nomicfoundation/ignition-core';
import { RollupError } from '@quittance/protocol';
import { CONTRACT_ARTIFACTS, PACKAGE_ROOT } from '../paths.ts';
import { UsageError } from '../process/errors.ts';
import type { SigningProvider } from './signing-provider.ts';

/** Where hardhat.config.ts has Ignition's modules; loaded by path, as Hardhat itself does. */
const MODULES = join(PACKAGE_ROOT, 'scripts', 'deploy', 'modules');

/** Folder of each contract that the module names. */
const SOURCES: Readonly<Record<string, string>> = {
  Timelock: 'governance/Timelock.sol',
  Groth16BatchVerifier: 'verifiers/Groth16BatchVerifier.sol',
  Poseidon4: 'hash/Poseidon4.sol',
  BatchReader: 'libraries/BatchReader.sol',
  DepositGroups: 'libraries/DepositGroups.sol',
  MoveExecution: 'libraries/MoveExecution.sol',
  StateProofs: 'libraries/StateProofs.sol',
  Poseidon5: 'hash/Poseidon5.sol',
  StepVerifier: 'step/StepVerifier.sol',
  StepJudge: 'assertions/StepJudge.sol',
  AssertionsFactory: 'assertions/AssertionsFactory.sol',
  Assertions: 'Assertions.sol',
  Rollup: 'Rollup.sol',
};

/** Deployed to be linked. What they take is not the ABI's to say: it names types of Solidity that ethers does not know. */
const LIBRARIES: ReadonlySet<string> = new Set([
  'BatchReader',
  'DepositGroups',
  'MoveExecution',
  'StateProofs',
  'StepJudge',
]);

const artifacts: ArtifactResolver = {
  async loadArtifact(name) {
    const file = join(CONTRACT_ARTIFACTS, SOURCES[name] ?? '', `${name}.json`);
    if (!existsSync(file)) {
      throw new UsageError(`the contract ${name} is not compiled (${file} is missing): run ./dev build`);
    }
    const artifact = JSON.parse(readFileSync(file, 'utf8')) as Artifact;
    return LIBRARIES.has(name) ? { ...artifact, abi: [] } : artifact;
  },
  getBuildInfo: async () => undefined,
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

export interface IgnitionRun {
  /** Rollup has optimistic mode, ZkRollup has not. */
  readonly module: 'Rollup' | 'ZkRollup';
  readonly provider: SigningProvider;
  readonly sender: string;
  /** For the module. */
  readonly parameters: DeploymentParameters[string];
  /** Journal from which an interrupted deployment resumes; without it nothing is kept. */
  readonly record: string | undefined;
  /** Blocks on top of a transaction before the next one is sent. */
  readonly confirmations: number;
  readonly pollMs: number;
}

/** Addresses by the names that the module gives its results; no assertions without optimistic mode. */
export type DeployedAddresses = Readonly<Record<'rollup' | 'verifier' | 'poseidon' | 'timelock', string>> & {
  readonly assertions?: string;
};

/** Deploys, or resumes what `record` holds. @throws RollupError L1_REJECTED, TIMEOUT or CONFIG_INVALID. */
export async function runIgnition(run: IgnitionRun): Promise<DeployedAddresses> {
  const loaded = (await import(pathToFileURL(join(MODULES, `${run.module}.ts`)).href)) as { default: IgnitionModule };
  const ignitionModule = loaded.default;
  const result = await deploy({
    config: { requiredConfirmations: run.confirmations, blockPollingInterval: run.pollMs },
    provider: run.provider,
    artifactResolver: artifacts,
    ignitionModule,
    deploymentParameters: { [run.module]: run.parameters },
    accounts: [run.sender],
    ...(run.record === undefined ? {} : { deploymentDir: run.record }),
  });
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
  ) as unknown as DeployedAddresses;
}
