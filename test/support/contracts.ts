/** Deployed contracts and batches for them: records are real data, proofs come from the Groth16 simulator. */

import {
  type Bytes32,
  chunkChallenge,
  chunksHash,
  type Deployment,
  domainOf,
  encodeChunkData,
  FEE_TOKEN_FILLER,
  type Groth16Proof,
  headerHash,
  hornerSums,
  isPriorityKind,
  keccak,
  L1_DEFAULTS,
  NOOP,
  OPTIMISTIC_DEFAULTS,
  packContext,
  packFeeTokens,
  publicInputsOf,
  type RecordData,
  RecordKind,
  type StoredHeader,
  type VerifyingKey,
  type Withdrawal,
  withdrawalsRoot,
} from '@quittance/protocol';
import { ZeroAddress } from 'ethers';
import hre, { network } from 'hardhat';
import { type ContractTypes, type RollupContract, typed } from './contract-types.ts';
import { createGroth16Simulator } from './groth16-simulator.ts';

/** Words of a proof as the EVM's pairing takes them: imaginary parts first. */
export function evmProof({ a, b, c }: Groth16Proof) {
  return {
    aX: a[0],
    aY: a[1],
    bXImaginary: b[0][1],
    bXReal: b[0][0],
    bYImaginary: b[1][1],
    bYReal: b[1][0],
    cX: c[0],
    cY: c[1],
  };
}
export type EvmProof = ReturnType<typeof evmProof>;

/** A verifying key as the constructor of the verifier takes it. */
export function evmVerifyingKey({ alpha, beta, gamma, delta, ic }: VerifyingKey) {
  const g2 = ([x, y]: VerifyingKey['beta']) => [x[1], x[0], y[1], y[0]];
  return { alpha: [...alpha], beta: g2(beta), gamma: g2(gamma), delta: g2(delta), ic: ic.map((point) => [...point]) };
}

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
  const deploy = async (name: string, ...parts: string[]): Promise<string> => {
    await nextBlock();
    return (await ethers.deployContract(name, parts)).getAddress();
  };
  const executor = await deploy('StepVerifier', await deploy('Poseidon4'), await deploy('Poseidon5'));
  return deploy('AssertionsFactory', executor);
}

/** Deploys a contract whose functions and views are known here. */
export async function deployContract<Name extends keyof ContractTypes>(
  ethers: L1['ethers'],
  name: Name,
  parameters: readonly unknown[] = [],
): Promise<ContractTypes[Name]> {
  return typed(name, await ethers.deployContract(name, [...parameters]));
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
  await nextBlock();
  const rollup = await deployContract(ethers, 'Rollup', [parameters]);
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

/** Records of a batch before they are proven. `chunks` are filled with noops. */
export interface BatchContent {
  readonly parent: StoredHeader;
  readonly time: number;
  readonly chunks: readonly (readonly RecordData[])[];
  /** State roots after each chunk; made up when absent. */
  readonly roots?: readonly bigint[];
  readonly feeTokens?: readonly (readonly bigint[])[];
}

/** All arguments of `submitBatch`, and what should come of it. */
export interface BuiltBatch {
  readonly parent: StoredHeader;
  readonly batch: { number: number; time: number; roots: bigint[]; commitments: bigint[]; feeTokens: bigint[] };
  readonly chunks: Uint8Array[];
  readonly proofs: EvmProof[];
  readonly inputs: bigint[][];
  readonly header: StoredHeader;
  readonly withdrawals: Withdrawal[];
}

const NO_FEE_TOKENS = Array.from({ length: 4 }, () => FEE_TOKEN_FILLER);

/** Builds and "proves" a batch with the protocol's own TypeScript encodings. */
export function buildBatch(
  { parameters, deployment, simulator }: Pick<DeployedRollup, 'parameters' | 'deployment' | 'simulator'>,
  content: BatchContent,
): BuiltBatch {
  const { parent, time } = content;
  const number = parent.number + 1;
  const records = content.chunks.map((chunk) => [
    ...chunk,
    ...Array.from({ length: parameters.slotsPerChunk - chunk.length }, () => NOOP),
  ]);
  const chunks = records.map(encodeChunkData);
  const dataHashes: Bytes32[] = chunks.map(keccak);
  const roots = [
    parent.stateRoot,
    ...records.map((_, chunk) => content.roots?.[chunk] ?? BigInt(1000 * number + chunk + 1)),
  ];
  const commitments = records.map((_, chunk) => BigInt(500_000 * number + chunk + 1));
  const feeTokenLists = records.map((_, chunk) => content.feeTokens?.[chunk] ?? NO_FEE_TOKENS);
  const inputs = records.map((chunk, chunkIndex) => {
    const [oldRoot, newRoot, commitment] = [roots[chunkIndex]!, roots[chunkIndex + 1]!, commitments[chunkIndex]!];
    const challenge = chunkChallenge({
      ...deployment,
      batchNumber: number,
      chunkIndex,
      dataHash: dataHashes[chunkIndex]!,
      commitment,
      oldRoot,
      newRoot,
    });
    return publicInputsOf({
      oldRoot,
      newRoot,
      commitment,
      challenge,
      ...hornerSums(challenge, chunk),
      domain: domainOf(deployment),
      context: packContext(feeTokenLists[chunkIndex]!, time),
    });
  });
  const all = records.flat();
  const withdrawals = all
    .filter(({ fields }) => fields.kind === RecordKind.withdraw || fields.kind === RecordKind.forcedExit)
    .map(({ words }) => ({ ownerAndToken: words[1]!, amount: words[2]! }))
    .filter(({ amount }) => amount > 0n);
  const feeTokens = feeTokenLists.map(packFeeTokens);
  const countOf = (matches: (kind: number) => boolean) => all.filter(({ fields }) => matches(fields.kind)).length;
  return {
    parent,
    batch: { number, time, roots, commitments, feeTokens },
    chunks,
    inputs,
    proofs: inputs.map((row) => evmProof(simulator.prove(row))),
    header: {
      number,
      time,
      parentHash: headerHash(parent),
      stateRoot: roots.at(-1)!,
      chunksHash: chunksHash({ roots, commitments, feeTokens, dataHashes }),
      withdrawalsRoot: withdrawalsRoot(withdrawals),
      withdrawalCount: withdrawals.length,
      priorityCount: parent.priorityCount + countOf(isPriorityKind),
      transferToNewCount: parent.transferToNewCount + countOf((kind) => kind === RecordKind.transferToNew),
    },
    withdrawals,
  };
}

/** Sends a built batch, by default as the producer. */
export function submit(
  world: DeployedRollup,
  { parent, batch, chunks, proofs }: Omit<BuiltBatch, 'header' | 'inputs' | 'withdrawals'>,
  signer = world.producer,
) {
  const rollup = world.rollup.connect(signer) as RollupContract;
  return rollup.submitBatch(parent, batch, chunks, proofs);
}

/** A transfer of kind 1. */
export function transfer(from: number, to: number, amountFloat = 5n, feeFloat = 1): RecordData {
  return { fields: { kind: RecordKind.transfer, from, to, amountFloat, feeFloat }, words: [] };
}

/** A record of any kind with words. */
export function record(kind: number, words: readonly bigint[], from = 0, to = 0): RecordData {
  return { fields: { kind, from, to, amountFloat: 0n, feeFloat: 0 }, words };
}
