/** Assertions in blobs on a deployed rollup, and the step proof that a challenger makes of what L1 and its blobs say. */

import { locateFault, type ProvableFault, stepEvidence } from '@quittance/derivation';
import {
  type Bytes32,
  decodeBlob,
  domainOf,
  encodeBlob,
  keccakText,
  type StepOutcome,
  stepProofCommitment,
} from '@quittance/protocol';
import { testKzg } from '../blobs/kzg.ts';
import { type ProvenBlob, proveBlob, sendWithBlobs } from '../blobs/send.ts';
import { type DeployedOptimistic, latestTime } from '../contracts/deployment.ts';
import { portableCrypto } from '../rollup/world.ts';
import { evmWitness } from '../step/step.ts';
import { type BuiltAssertion, buildAssertion, readAs, type Tip, withBlobsNamed } from './asserted-batch.ts';
import { type AssertOptions, assertArguments } from './calls.ts';
import type { ChunkScript } from './claimed-chunk.ts';
import { type EvmStepProof, evmContent, type StepPlace } from './step-proof.ts';

/** A batch with its records in blobs, under the names that L1 gives them. */
export interface BlobAssertion extends BuiltAssertion {
  readonly proven: readonly ProvenBlob[];
}

/**
 * Builds a batch on a tip, its records in blobs.
 *
 * @param change of the elements of the first blob: what the producer claims of its records stays what it was.
 */
export async function buildInBlobs(
  { deployment, parameters: { slotsPerChunk } }: DeployedOptimistic,
  tip: Tip,
  script: { readonly time: number; readonly chunks: readonly ChunkScript[] },
  change: (elements: bigint[]) => void = () => {},
): Promise<BlobAssertion> {
  const shape = { deployment, slotsPerChunk };
  const draft = buildAssertion(shape, tip, { ...script, form: 'evaluations' });
  const elements = draft.blobs.map(decodeBlob);
  change(elements[0]!);
  const proven = await Promise.all(elements.map((list) => proveBlob(encodeBlob(list))));
  const blobs = proven.map(({ blob }) => blob);
  const blobHashes = proven.map(({ versionedHash }) => versionedHash);
  return { ...withBlobsNamed(shape, draft, { blobs, blobHashes }), proven };
}

/** The same at the time of the last block. */
export async function buildInBlobsOn(
  world: DeployedOptimistic,
  tip: Tip,
  chunks: readonly ChunkScript[],
  change?: (elements: bigint[]) => void,
): Promise<BlobAssertion> {
  return buildInBlobs(world, tip, { time: await latestTime(world), chunks }, change);
}

/** Asserts a batch, with its blobs unless others are given. */
export async function sendInBlobs(
  world: DeployedOptimistic,
  built: BlobAssertion,
  { signer = world.producer, value = world.optimistic.assertionBond }: AssertOptions = {},
  blobs: readonly ProvenBlob[] = built.proven,
) {
  const data = world.assertions.interface.encodeFunctionData('assertBatch', assertArguments(built));
  return sendWithBlobs(world.l1, signer, { to: await world.assertions.getAddress(), data, value }, blobs);
}

/** What a proof of a step needs besides the data of the batch. */
export type Step = Pick<ProvableFault, 'chunk' | 'slot' | 'record' | 'before' | 'witness'>;

/** The proof of a step; `openings` and entries come from the batch as it stands on L1. */
export async function stepProofOf(
  { parameters }: DeployedOptimistic,
  built: BuiltAssertion,
  assertionId: bigint,
  step: Step,
): Promise<EvmStepProof> {
  const { chunk, slot, before, witness } = step;
  return {
    ...{ assertionId, chunk, slot, before },
    salt: keccakText(`salt of ${assertionId}/${chunk}/${slot}`),
    content: evmContent(built.content),
    ...(await stepEvidence(await testKzg(), readAs(built), parameters.slotsPerChunk, step)),
    commitments: built.claims[chunk]!.answer,
    witness: evmWitness(witness),
  };
}

/** A step as its producer claims it. */
export function claimedStep({ claims }: BuiltAssertion, { chunk, slot }: Omit<StepPlace, 'assertionId'>): Step {
  const { published, slots } = claims[chunk]!;
  const { before, witness } = slots[slot]!;
  return { chunk, slot, record: published[slot]!, before, witness };
}

/** The first wrong step of an answered chunk, found by replaying what stands on L1 on the parent's state. */
export function findFault(
  { deployment, parameters }: DeployedOptimistic,
  { state }: Tip,
  built: BuiltAssertion,
  chunk: number,
): ProvableFault | undefined {
  const { slotsPerChunk } = parameters;
  const replay = { domain: domainOf(deployment), slotsPerChunk };
  return locateFault(portableCrypto, state, { submission: readAs(built), chunk }, built.claims[chunk]!.answer, replay);
}

/** What `prover` commits to before a step is proven. */
export function commitmentOf(proof: EvmStepProof, prover: string, outcome: StepOutcome): Bytes32 {
  const { salt, assertionId, chunk, slot } = proof;
  return stepProofCommitment({ prover, salt, assertionId, chunk, slot, outcome });
}
