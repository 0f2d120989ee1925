/** Every call of optimistic mode by the hand of a test: who sends what about an asserted batch. */

import type { Bytes32, StoredHeader } from '@quittance/protocol';
import type { ContractTransactionResponse, Signer } from 'ethers';
import { type DeployedOptimistic, latestTime } from '../contracts/deployment.ts';
import { type EvmProof, evmProof } from '../contracts/evm-proof.ts';
import { connectedTo } from '../contracts/types.ts';
import { type BuiltAssertion, buildAssertion, type Tip } from './asserted-batch.ts';
import type { ChunkScript } from './claimed-chunk.ts';
import { commitmentTo, createStepProof, type EvmStepProof, evmContent, type StepPlace } from './step-proof.ts';

type Sent = Promise<ContractTransactionResponse>;

/** The same contract, called by someone. */
export const assertionsBy = ({ assertions }: DeployedOptimistic, signer: Signer) => connectedTo(assertions, signer);

/** Builds on a tip, at the time of the last block unless said otherwise. */
export async function buildOn(
  world: DeployedOptimistic,
  tip: Tip,
  chunks: readonly ChunkScript[],
  time?: number,
): Promise<BuiltAssertion> {
  const { deployment, parameters } = world;
  const shape = { deployment, slotsPerChunk: parameters.slotsPerChunk };
  return buildAssertion(shape, tip, { time: time ?? (await latestTime(world)), chunks });
}

/** Proofs of consecutive chunks, by the simulator: of anything. */
export function proofsOf(
  { simulator }: DeployedOptimistic,
  { content }: BuiltAssertion,
  first = 0,
  count?: number,
): EvmProof[] {
  const end = count === undefined ? undefined : first + count;
  return content.inputs.slice(first, end).map((row) => evmProof(simulator.prove(row)));
}

/** What is other than the producer's own call. */
export interface AssertOptions {
  readonly signer?: Signer;
  readonly value?: bigint;
}

/** The arguments of `assertBatch`. */
export const assertArguments = ({ parent, batch, chunks, authorizations, visible }: BuiltAssertion) =>
  [parent, batch, { chunks, authorizations, visible }] as const;

/** The arguments of `submitBatch` of either contract: its records in calldata, its proofs by the simulator. */
export function provenArguments(world: DeployedOptimistic, built: BuiltAssertion) {
  const { parent, batch, chunks, visible } = built;
  const data = { chunks, visible, evaluations: [], opening: '0x' };
  return [parent, batch, data, proofsOf(world, built)] as const;
}

export function sendAssertion(world: DeployedOptimistic, built: BuiltAssertion, options: AssertOptions = {}): Sent {
  const { signer = world.producer, value = world.optimistic.assertionBond } = options;
  return assertionsBy(world, signer).assertBatch(...assertArguments(built), { value });
}

async function lastAssertionId({ assertions }: DeployedOptimistic): Promise<bigint> {
  const [count] = await assertions.counts();
  return count;
}

/** Asserts a batch and tells its id. */
export async function assertBatch(world: DeployedOptimistic, built: BuiltAssertion, signer?: Signer): Promise<bigint> {
  await sendAssertion(world, built, signer === undefined ? {} : { signer });
  return lastAssertionId(world);
}

/** Sends a proven batch on a waiting parent. */
export function sendProven(world: DeployedOptimistic, built: BuiltAssertion, signer: Signer = world.producer): Sent {
  return assertionsBy(world, signer).submitBatch(...provenArguments(world, built));
}

/** Sends a proven batch on a waiting parent and tells its id. */
export async function submitProven(world: DeployedOptimistic, built: BuiltAssertion, signer?: Signer): Promise<bigint> {
  await sendProven(world, built, signer);
  return lastAssertionId(world);
}

/** Sends a proven batch on the last final parent, to the rollup itself. */
export function submitFinal(world: DeployedOptimistic, built: BuiltAssertion, signer: Signer = world.producer): Sent {
  return connectedTo(world.rollup, signer).submitBatch(...provenArguments(world, built));
}

export function finalize(world: DeployedOptimistic, ...batches: readonly { readonly header: StoredHeader }[]): Sent {
  return assertionsBy(world, world.alice).finalizeBatches(batches.map(({ header }) => header));
}

export function sendProofs(
  world: DeployedOptimistic,
  id: bigint,
  built: BuiltAssertion,
  first = 0,
  count = built.chunks.length - first,
): Sent {
  return assertionsBy(world, world.alice).submitProofs(
    id,
    evmContent(built.content),
    first,
    proofsOf(world, built, first, count),
  );
}

export function sendDispute(
  world: DeployedOptimistic,
  id: bigint,
  { headerHash }: Pick<BuiltAssertion, 'headerHash'>,
  chunk = 0,
  options: AssertOptions = {},
): Sent {
  const { signer = world.bob, value = world.optimistic.disputeBond } = options;
  return assertionsBy(world, signer).openDispute(id, headerHash, chunk, { value });
}

/** Disputes a chunk and tells the dispute's id. */
export async function dispute(...args: Parameters<typeof sendDispute>): Promise<bigint> {
  await sendDispute(...args);
  const [, count] = await args[0].assertions.counts();
  return count;
}

export function sendAnswer(
  world: DeployedOptimistic,
  id: bigint,
  built: BuiltAssertion,
  chunk = 0,
  options: { readonly signer?: Signer; readonly commitments?: readonly Bytes32[] } = {},
): Sent {
  const { signer = world.producer, commitments = built.claims[chunk]!.answer } = options;
  return assertionsBy(world, signer).answerDispute(id, built.headerHash, chunk, commitments);
}

/** Commits to a step, in a block of its own. */
export async function commitTo(
  world: DeployedOptimistic,
  built: BuiltAssertion,
  proof: EvmStepProof,
  signer: Signer = world.bob,
): Promise<Bytes32> {
  const commitment = commitmentTo(built, proof, await signer.getAddress());
  await assertionsBy(world, signer).commitStep(commitment);
  return commitment;
}

export function sendStepProof(world: DeployedOptimistic, proof: EvmStepProof, signer: Signer = world.bob): Sent {
  return assertionsBy(world, signer).proveStep(proof);
}

/** Commits to a step and proves it. */
export async function proveStep(
  world: DeployedOptimistic,
  built: BuiltAssertion,
  place: StepPlace,
  signer: Signer = world.bob,
): Sent {
  const proof = createStepProof(built, place);
  await commitTo(world, built, proof, signer);
  return sendStepProof(world, proof, signer);
}

/** The next block has this time. */
export async function at({ l1 }: DeployedOptimistic, time: number | bigint): Promise<void> {
  await l1.networkHelpers.time.setNextBlockTimestamp(time);
}
