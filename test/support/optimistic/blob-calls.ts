/** Batches asserted in blobs on the in-process L1. */

import { decodeBlob, encodeBlob } from '@quittance/protocol';
import type { Signer } from 'ethers';
import { type ProvenBlob, proveBlob, sendWithBlobs } from '../blobs/send.ts';
import { type DeployedOptimistic, latestTime } from '../contracts/deployment.ts';
import type { BlobShelf } from '../l1/blob-shelf.ts';
import { type BuiltAssertion, buildAssertion, type Tip, withBlobsNamed } from './asserted-batch.ts';
import { assertArguments } from './calls.ts';
import type { ChunkScript } from './claimed-chunk.ts';

/** A batch in blobs, and what L1 takes of them. */
export interface BlobAssertion {
  readonly built: BuiltAssertion;
  readonly proven: readonly ProvenBlob[];
}

/**
 * Builds a batch on a tip, its records in blobs, at the time of the last block.
 *
 * @param change of the elements of the first blob: what the producer claims of its records stays what it was.
 */
export async function buildBlobsOn(
  world: DeployedOptimistic,
  tip: Tip,
  chunks: readonly ChunkScript[],
  change: (elements: bigint[]) => void = () => {},
): Promise<BlobAssertion> {
  const shape = { deployment: world.deployment, slotsPerChunk: world.parameters.slotsPerChunk };
  const draft = buildAssertion(shape, tip, { time: await latestTime(world), chunks, form: 'evaluations' });
  const elements = draft.blobs.map(decodeBlob);
  change(elements[0]!);
  const proven = await Promise.all(elements.map((list) => proveBlob(encodeBlob(list))));
  const blobs = proven.map(({ blob }) => blob);
  const blobHashes = proven.map(({ versionedHash }) => versionedHash);
  return { built: withBlobsNamed(shape, draft, { blobs, blobHashes }), proven };
}

/** Asserts it with its blobs, which are on the shelf from then on, and tells its id. */
export async function assertBlobs(
  world: DeployedOptimistic,
  { built, proven }: BlobAssertion,
  shelf: BlobShelf,
  signer: Signer = world.producer,
): Promise<bigint> {
  const { assertions, optimistic } = world;
  const data = assertions.interface.encodeFunctionData('assertBatch', assertArguments(built));
  const call = { to: await assertions.getAddress(), data, value: optimistic.assertionBond };
  await sendWithBlobs(world.l1, signer, call, proven);
  shelf.put(built.blobHashes, built.blobs);
  const [count] = await assertions.counts();
  return count;
}
