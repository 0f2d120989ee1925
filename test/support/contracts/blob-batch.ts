/** Batches with their data in a blob, for deployed contracts: committed to, opened and sent. */

import { testKzg } from '../blobs/kzg.ts';
import { type ProvenBlob, proveBlob, sendWithBlobs } from '../blobs/send.ts';
import {
  type BatchArguments,
  type BatchContent,
  type BuiltBatch,
  blobOf,
  buildBlobBatch,
  submitArguments,
} from './batch.ts';
import type { DeployedRollup } from './deployment.ts';

const proven = new Map<string, Promise<ProvenBlob>>();

/** Commits to a blob and proves it, once for each: that takes a second. */
export function provenBlob(blob: Uint8Array): Promise<ProvenBlob> {
  const key = Buffer.from(blob).toString('base64');
  const known = proven.get(key) ?? proveBlob(blob);
  proven.set(key, known);
  return known;
}

/** A built batch with its blob, and where and to what the blob was opened. */
export interface OpenedBatch {
  readonly built: BuiltBatch;
  readonly blob: ProvenBlob;
  readonly challenge: bigint;
  readonly y: bigint;
}

/** Builds and "proves" a batch in a blob, opened at its challenge. */
export async function buildOpenedBatch(world: DeployedRollup, content: BatchContent): Promise<OpenedBatch> {
  const blob = await provenBlob(blobOf(world, content));
  const { built, challenge } = buildBlobBatch(world, content, blob.versionedHash);
  const { y, proof } = await (await testKzg()).open(blob.blob, challenge);
  return { blob, challenge, y, built: { ...built, opening: Buffer.concat([blob.commitment, proof]) } };
}

/** Sends a built batch as the producer, with these blobs. */
export async function submitWithBlobs(world: DeployedRollup, built: BatchArguments, blobs: readonly ProvenBlob[]) {
  const { rollup, l1, producer } = world;
  const data = rollup.interface.encodeFunctionData('submitBatch', submitArguments(built));
  return sendWithBlobs(l1, producer, { to: await rollup.getAddress(), data }, blobs);
}
