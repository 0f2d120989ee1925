/** Checks that database, settings and contract belong together. */

import type { RollupConstants, RollupReader } from '@quittance/chain';
import {
  type Crypto,
  type Deployment,
  domainOf,
  headerHash,
  RollupError,
  type StoredHeader,
} from '@quittance/protocol';
import type { Storage } from '../../storage/index.ts';
import type { SequencerConfig } from '../config.ts';
import { genesisOf } from './recover.ts';

const META = { deployment: 'deployment', genesis: 'genesis_time' } as const;

function mismatch(what: string, expected: unknown, actual: unknown): RollupError {
  return new RollupError('CONFIG_INVALID', `${what} is ${actual}, expected ${expected}`, {
    name: what,
    expected: String(expected),
    actual: String(actual),
  });
}

/** What of the settings the deployment must have. */
export type DeploymentSettings = Pick<SequencerConfig, 'profile' | 'deploymentBlock'>;

/** A deployment as the database notes it. */
export interface KnownDeployment extends Deployment {
  readonly slotsPerChunk: number;
  /** Unix seconds. */
  readonly genesisTime: number;
}

function checkConstants(chain: RollupReader, config: DeploymentSettings, constants: RollupConstants): void {
  const { slotsPerChunk, maxChunks } = config.profile;
  if (constants.slotsPerChunk !== slotsPerChunk)
    throw mismatch("the contract's slotsPerChunk", slotsPerChunk, constants.slotsPerChunk);
  if (constants.maxChunks < maxChunks) throw mismatch("the contract's maxChunks", maxChunks, constants.maxChunks);
  const domain = domainOf({ chainId: chain.chainId, contract: chain.contract });
  if (constants.domain !== domain) throw mismatch("the contract's domain", domain, constants.domain);
}

async function readGenesisTime(
  chain: RollupReader,
  crypto: Pick<Crypto, 'hasher'>,
  config: DeploymentSettings,
): Promise<number> {
  const { number: head } = await chain.head();
  const found = await chain.findBatch(0, config.deploymentBlock, head);
  if (found === undefined) {
    throw new RollupError(
      'CONFIG_INVALID',
      `L1 has no genesis from block ${config.deploymentBlock} on; check deploymentBlock`,
      {
        actual: config.deploymentBlock,
      },
    );
  }
  const ours = headerHash(genesisOf(crypto, found.header.time));
  if (found.headerHash !== ours) throw mismatch("the contract's genesis", ours, found.headerHash);
  return found.header.time;
}

/** Which deployment the database belongs to; undefined before its first start. */
export function readDeployment(storage: Storage): KnownDeployment | undefined {
  const text = storage.meta.get(META.deployment);
  if (text === undefined) return undefined;
  const [chainId, contract, slotsPerChunk] = text.split(':') as [string, string, string];
  const genesisTime = Number(storage.meta.get(META.genesis));
  return { chainId: BigInt(chainId), contract, slotsPerChunk: Number(slotsPerChunk), genesisTime };
}

/**
 * Checks that the contract has our shape and that the database belongs to it. @returns the genesis of the deployment.
 *
 * @throws RollupError CONFIG_INVALID, DATABASE_FOREIGN, or L1_UNREACHABLE.
 */
export async function checkDeployment(
  chain: RollupReader,
  storage: Storage,
  crypto: Pick<Crypto, 'hasher'>,
  config: DeploymentSettings,
  constants: RollupConstants,
): Promise<StoredHeader> {
  checkConstants(chain, config, constants);
  const deployment = `${chain.chainId}:${chain.contract.toLowerCase()}:${config.profile.slotsPerChunk}`;
  const known = storage.meta.get(META.deployment);
  if (known !== undefined && known !== deployment) {
    const { file } = storage;
    const message = `the database ${file} is that of ${known}, not of ${deployment}: name the one of this rollup`;
    throw new RollupError('DATABASE_FOREIGN', message, { file, expected: deployment, actual: known });
  }
  const knownTime = storage.meta.get(META.genesis);
  const time = knownTime === undefined ? await readGenesisTime(chain, crypto, config) : Number(knownTime);
  if (knownTime === undefined) {
    storage.commit(() => {
      storage.meta.set(META.deployment, deployment);
      storage.meta.set(META.genesis, String(time));
    });
  }
  return genesisOf(crypto, time);
}
