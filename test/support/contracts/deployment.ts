/** Deployed contracts, once for the tests of a `describe`. */

import { type Deployment, L1_DEFAULTS, OPTIMISTIC_DEFAULTS, type StoredHeader } from '@quittance/protocol';
import { ZeroAddress } from 'ethers';
import hre, { network } from 'hardhat';
import { evmVerifyingKey } from './evm-proof.ts';
import { createGroth16Simulator } from './groth16-simulator.ts';
import { deployLinked } from './linked.ts';
import { type ContractTypes, type RollupContract, typed } from './types.ts';

let compiled: Promise<unknown> | undefined;

/**
 * A fresh in-process L1 with the contracts compiled, unless QUITTANCE_CONTRACTS_BUILT=1 says that they are: processes that
 * compile at the same time get in each other's way. `startTime` (Unix seconds) makes its first block repeatable, `chainId`
 * stands for a chain that is not local.
 */
export async function createL1(startTime?: number, chainId?: number) {
  if (process.env['QUITTANCE_CONTRACTS_BUILT'] !== '1') {
    compiled ??= hre.tasks.getTask('build').run({ quiet: true });
    await compiled;
  }
  const chain = chainId === undefined ? {} : { chainId };
  if (startTime === undefined) return network.create({ network: 'hardhat', override: chain });
  const override = { ...chain, initialDate: new Date(1000 * startTime), allowBlocksWithSameTimestamp: true };
  return network.create({ network: 'hardhat', override });
}
export type L1 = Awaited<ReturnType<typeof createL1>>;

/** AssertionParameters of contracts/types/AssertionTypes.sol. */
export interface OptimisticParameters {
  readonly challengePeriod: number;
  readonly answerWindow: number;
  readonly stepWindow: number;
  readonly assertionBond: bigint;
  readonly disputeBond: bigint;
  readonly maxPending: number;
}

const OPTIMISTIC: OptimisticParameters = {
  challengePeriod: OPTIMISTIC_DEFAULTS.challengePeriodSeconds,
  answerWindow: OPTIMISTIC_DEFAULTS.answerWindowSeconds,
  stepWindow: OPTIMISTIC_DEFAULTS.stepWindowSeconds,
  assertionBond: OPTIMISTIC_DEFAULTS.assertionBondWei,
  disputeBond: OPTIMISTIC_DEFAULTS.disputeBondWei,
  maxPending: OPTIMISTIC_DEFAULTS.maxPending,
};

/** The parameters of a rollup without optimistic mode that say so. */
export const WITHOUT_OPTIMISTIC_MODE = { assertionsFactory: ZeroAddress, optimistic: OPTIMISTIC } as const;

/** Parameters of the test deployments: small chunks, short names for what tests change. */
export interface DeploymentOptions {
  readonly slotsPerChunk?: number;
  readonly maxChunks?: number;
  readonly priorityFee?: bigint;
  readonly maxPriorityFee?: bigint;
  readonly priorityInterval?: number;
  readonly exodusDelay?: number;
  readonly livenessTimeout?: number;
  readonly blobsAllowed?: boolean;
  readonly verifier?: string;
  readonly poseidon?: string;
  /** Optimistic mode with these changes to the defaults; none without. */
  readonly optimistic?: Partial<OptimisticParameters>;
  /** Time of all blocks of the deployment, for counts that must repeat. */
  readonly startTime?: number;
  /** A chain with value, say; a local one without. */
  readonly chainId?: number;
}

/** What optimistic mode needs beside the rollup: step verifier and factory. */
async function deployAssertionsFactory({ ethers }: L1, nextBlock: () => Promise<void>): Promise<string> {
  const deploy = async (name: string, ...parts: string[]): Promise<string> =>
    (await deployLinked(ethers, name, parts, nextBlock)).getAddress();
  const executor = await deploy('StepVerifier', await deploy('Poseidon4'), await deploy('Poseidon5'));
  return deploy('AssertionsFactory', executor);
}

/** Deploys a contract whose functions and views are known here, and what it is linked to. `nextBlock` goes before each. */
export async function deployContract<Name extends keyof ContractTypes>(
  ethers: L1['ethers'],
  name: Name,
  parameters: readonly unknown[] = [],
  nextBlock?: () => Promise<void>,
): Promise<ContractTypes[Name]> {
  return typed(name, await deployLinked(ethers, name, parameters, nextBlock));
}

/** A rollup on a fresh L1, and who uses it. */
export async function deployRollup({ startTime, chainId, optimistic, ...options }: DeploymentOptions = {}) {
  const l1 = await createL1(startTime, chainId);
  const nextBlock = async () => {
    if (startTime !== undefined) await l1.networkHelpers.time.setNextBlockTimestamp(startTime);
  };
  await nextBlock();
  const { ethers } = l1;
  const [owner, producer, alice, bob] = await ethers.getSigners();
  const simulator = createGroth16Simulator('rollup');
  const key = evmVerifyingKey(simulator.verifyingKey);
  const verifier = await deployContract(ethers, 'Groth16BatchVerifier', [key, chainId === undefined]);
  await nextBlock();
  const poseidon = await ethers.deployContract('Poseidon4');
  const parameters = {
    owner: owner!.address,
    verifier: await verifier.getAddress(),
    poseidon: await poseidon.getAddress(),
    slotsPerChunk: 4,
    maxChunks: 3,
    maxBatchAge: L1_DEFAULTS.maxBatchAgeSeconds,
    blobsAllowed: true,
    priorityDelay: L1_DEFAULTS.priorityDelaySeconds,
    priorityInterval: L1_DEFAULTS.priorityIntervalSeconds,
    livenessTimeout: L1_DEFAULTS.livenessTimeoutSeconds,
    exodusDelay: L1_DEFAULTS.exodusDelaySeconds,
    priorityFee: L1_DEFAULTS.priorityFeeWei,
    maxPriorityFee: L1_DEFAULTS.maxPriorityFeeWei,
    producers: [producer!.address],
    assertionsFactory: optimistic === undefined ? ZeroAddress : await deployAssertionsFactory(l1, nextBlock),
    optimistic: { ...OPTIMISTIC, ...optimistic },
    ...options,
  };
  const rollup = await deployContract(ethers, 'Rollup', [parameters], nextBlock);
  const deployment: Deployment = {
    chainId: (await ethers.provider.getNetwork()).chainId,
    contract: await rollup.getAddress(),
  };
  const genesis = await readHeader(rollup, 0);
  return {
    l1,
    ethers,
    rollup,
    verifier,
    poseidon,
    parameters,
    deployment,
    genesis,
    simulator,
    owner: owner!,
    producer: producer!,
    alice: alice!,
    bob: bob!,
  };
}
export type DeployedRollup = Awaited<ReturnType<typeof deployRollup>>;

/** A rollup with optimistic mode: its assertions, and their clocks and bonds, beside what `deployRollup` gives. */
export async function deployOptimistic(options: DeploymentOptions = {}) {
  const world = await deployRollup({ optimistic: {}, ...options });
  const address = await world.rollup.assertions();
  const assertions = typed('Assertions', await world.ethers.getContractAt('Assertions', address));
  return { ...world, assertions, optimistic: world.parameters.optimistic };
}
export type DeployedOptimistic = Awaited<ReturnType<typeof deployOptimistic>>;

/** Deploys once for the tests of a `describe`, prepares, and takes L1 back to that state before each of them. */
export function fixtureOf<Deployed extends DeployedRollup, Prepared>(
  deploy: () => Promise<Deployed>,
  prepare: (world: Deployed) => Promise<Prepared>,
) {
  const fixture = {} as { world: Deployed; prepared: Prepared };
  let snapshot: Awaited<ReturnType<L1['networkHelpers']['takeSnapshot']>>;
  before(async () => {
    fixture.world = await deploy();
    fixture.prepared = await prepare(fixture.world);
    snapshot = await fixture.world.l1.networkHelpers.takeSnapshot();
  });
  beforeEach(async () => {
    await snapshot.restore();
  });
  return fixture;
}

/**
 * A rollup, by `fixtureOf`.
 *
 * @example const fixture = rollupFixture(); it('…', async () => { const { rollup } = fixture.world; … });
 */
export function rollupFixture<Prepared = undefined>(
  options: DeploymentOptions = {},
  prepare: (world: DeployedRollup) => Promise<Prepared> = async () => undefined as Prepared,
) {
  return fixtureOf(() => deployRollup(options), prepare);
}

/** Time of the last block. */
export async function latestTime({ l1 }: DeployedRollup): Promise<number> {
  return l1.networkHelpers.time.latest();
}

/** Number of the last final batch. */
export async function finalNumber({ rollup }: DeployedRollup): Promise<number> {
  const [number] = await rollup.finalState();
  return Number(number);
}

/** The header that the event of a final batch carries. */
export async function readHeader(rollup: RollupContract, number: number): Promise<StoredHeader> {
  const [event] = await rollup.queryFilter(rollup.filters['BatchFinalized']!(number));
  const { args } = rollup.interface.parseLog(event!)!;
  const header = args['header'] as Record<keyof StoredHeader, bigint & string>;
  return {
    number: Number(header.number),
    time: Number(header.time),
    parentHash: header.parentHash,
    stateRoot: header.stateRoot,
    chunksHash: header.chunksHash,
    withdrawalsRoot: header.withdrawalsRoot,
    withdrawalCount: Number(header.withdrawalCount),
    priorityCount: Number(header.priorityCount),
    transferToNewCount: Number(header.transferToNewCount),
  };
}
