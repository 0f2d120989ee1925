/** The compiled contracts of a deployment, as hardhat wrote them. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Artifact, ArtifactResolver, BuildInfo } from '@nomicfoundation/ignition-core';
import { CONTRACT_ARTIFACTS } from '../paths.ts';
import { UsageError } from '../process/errors.ts';

/** Folder of each contract that the module names. */
const SOURCES = {
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
  Preimages: 'channels/Preimages.sol',
  Channels: 'channels/Channels.sol',
} as const;

/** A contract of a deployment. */
export type ContractName = keyof typeof SOURCES;

/** Deployed to be linked. What they take is not the ABI's to say: it names types of Solidity that ethers does not know. */
const LIBRARIES: ReadonlySet<string> = new Set([
  'BatchReader',
  'DepositGroups',
  'MoveExecution',
  'StateProofs',
  'StepJudge',
]);

const BUILD_INFO = join(dirname(CONTRACT_ARTIFACTS), 'build-info');

/** A contract's artifact. @throws UsageError when it is not compiled. */
export function readArtifact(name: ContractName): Artifact {
  const file = join(CONTRACT_ARTIFACTS, SOURCES[name], `${name}.json`);
  if (!existsSync(file)) {
    throw new UsageError(`the contract ${name} is not compiled (${file} is missing): run ./dev build`);
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Artifact;
}

/** Everything that the compiler was given for a contract; undefined where only artifacts were installed. */
export function readBuildInfo({ buildInfoId }: Pick<Artifact, 'buildInfoId'>): BuildInfo | undefined {
  const file = join(BUILD_INFO, `${buildInfoId}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as BuildInfo) : undefined;
}

/** Where Ignition finds contracts. */
export const artifactResolver: ArtifactResolver = {
  async loadArtifact(name) {
    const artifact = readArtifact(name as ContractName);
    return LIBRARIES.has(name) ? { ...artifact, abi: [] } : artifact;
  },
  getBuildInfo: async (name) => readBuildInfo(readArtifact(name as ContractName)),
};
