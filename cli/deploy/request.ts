/** A deployment as it was asked for: its values checked, its key chosen. */

import { join } from 'node:path';
import { PROFILES, RollupError } from '@quittance/protocol';
import type { AccountValues } from '../l1/account.ts';
import { isLocalChain, type L1 } from '../l1/connect.ts';
import type { Output } from '../process/output.ts';
import { type ChosenKey, chooseKey, evmVerifyingKey } from '../setup/key.ts';
import { checkOptimistic, checkParameters, checkWait, checkWindows } from './parameters.ts';
import type { RecordedRequest } from './record.ts';
import type { DeployValues } from './settings.ts';

/** Settings that the contracts depend on: all but the account that pays, and where the record is. */
export type RequestValues = Omit<DeployValues, keyof AccountValues | 'record'>;

/** What is wrong with the values whatever the chain is. @throws UsageError. */
export function checkValues(values: RequestValues): void {
  checkParameters(values);
  if (!values.zkOnly) checkOptimistic(values, PROFILES[values.profile]);
  if (!values.zkOnly && values.data === 'blobs') checkWait(values);
}

/** What is wrong on this chain, before anything is compiled or sent. @throws UsageError, RollupError INSECURE_KEY. */
export function checkOnChain(values: RequestValues, { chainId }: Pick<L1, 'chainId'>): void {
  if (isLocalChain(chainId)) return;
  if (!values.zkOnly) checkWindows(values, values.data === 'blobs');
  if (values.zkey === undefined && values.verifyingKey === undefined) refuseDevelopmentKey(chainId);
}

function refuseDevelopmentKey(chainId: bigint): never {
  throw new RollupError(
    'INSECURE_KEY',
    `chain ${chainId} is no local chain, and a development key lets anyone forge proofs: ` +
      'run a ceremony (docs/how-to/run-a-ceremony.md) and give its key with --zkey or --verifying-key',
    { chainId },
  );
}

/** The key for the verifier contract; on a public chain never a development key. */
export async function keyFor(
  values: RequestValues,
  { chainId }: Pick<L1, 'chainId'>,
  output: Output,
): Promise<ChosenKey> {
  const { profile, zkey, verifyingKey } = values;
  const key = await chooseKey({ profile, zkey, verifyingKey, isShippedEnough: true }, output);
  if (key.isDevelopment && !isLocalChain(chainId)) refuseDevelopmentKey(chainId);
  return key;
}

/** Where the record is kept: always on a public chain. */
export function recordOf(
  { record }: Pick<DeployValues, 'record'>,
  { chainId }: Pick<L1, 'chainId'>,
): string | undefined {
  return record ?? (isLocalChain(chainId) ? undefined : join('deployments', `chain-${chainId}`));
}

/** Values of the Ignition module, by their names there; those of optimistic mode apart. */
function parametersOf(values: RequestValues, deployer: string) {
  const { slotsPerChunk, maxChunks } = PROFILES[values.profile];
  const { maxBatchAge, priorityDelay, priorityInterval, livenessTimeout, exodusDelay } = values;
  const { ownerDelay, priorityFee, maxPriorityFee, proposer = deployer, producer = deployer } = values;
  const { challengePeriod, answerWindow, stepWindow, assertionBond, disputeBond, maxPending } = values;
  return {
    parameters: {
      ...{ slotsPerChunk, maxChunks, ownerDelay, maxBatchAge, priorityDelay, priorityInterval },
      ...{ livenessTimeout, exodusDelay, priorityFee, maxPriorityFee, proposer, producer },
      blobsAllowed: values.data === 'blobs',
    },
    optimistic: values.zkOnly
      ? undefined
      : { challengePeriod, answerWindow, stepWindow, assertionBond, disputeBond, maxPending },
  };
}

/** A deployment as it is sent. */
export interface DeployRequest extends ReturnType<typeof parametersOf> {
  readonly module: 'Rollup' | 'ZkRollup';
  readonly deployer: string;
  readonly key: ChosenKey;
}

/** Everything together. */
export function requestOf(values: RequestValues, deployer: string, key: ChosenKey): DeployRequest {
  return { module: values.zkOnly ? 'ZkRollup' : 'Rollup', deployer, key, ...parametersOf(values, deployer) };
}

/** For Ignition. */
export function moduleParametersOf({ parameters, optimistic, key }: DeployRequest) {
  return {
    ...parameters,
    ...optimistic,
    verifyingKey: evmVerifyingKey(key.key),
    isDevelopmentKey: key.isDevelopment,
  };
}

/** For the record. */
export function recordedOf({ module, deployer, key, parameters, optimistic }: DeployRequest): RecordedRequest {
  return { module, deployer, keyHash: key.hash, developmentKey: key.isDevelopment, ...parameters, ...optimistic };
}
