/** Right batches of random records of every kind, as asserters and provers publish them. */

import type { AssertedSubmission } from '@quittance/derivation';
import {
  authorizedRecords,
  type BatchForm,
  chunkAuthorizations,
  encodeChunkData,
  encodeCoefficientBlob,
  encodeEvaluationBlobs,
  encodeVisible,
  type Operation,
  packFeeTokens,
  RollupState,
} from '@quittance/protocol';
import type { World } from '../rollup/world.ts';

/** A right batch and the state before it. */
export interface RandomAssertion {
  readonly before: RollupState;
  readonly submission: AssertedSubmission;
  /** Signed, by chunk and slot. */
  readonly operations: readonly (readonly Operation[])[];
}

function blobsOf(form: BatchForm, operations: readonly (readonly Operation[])[]): Uint8Array[] {
  if (form === 'coefficients') return [encodeCoefficientBlob(operations)];
  return form === 'evaluations' ? encodeEvaluationBlobs(operations.flatMap(authorizedRecords)) : [];
}

/** The next random chunks of a world as a batch; signatures are left out of coefficients. */
export function createRandomAssertion(
  world: World,
  { form = 'calldata', slots, chunkCount = 2 }: { form?: BatchForm; slots: number; chunkCount?: number },
): RandomAssertion {
  const before = new RollupState(world.crypto.hasher, world.state.accounts());
  const traces = Array.from({ length: chunkCount }, () => world.randomChunk(slots).trace);
  const operations = traces.map((trace) => trace.slots.map(({ operation }) => operation));
  const blobs = blobsOf(form, operations);
  const submission = {
    number: 1,
    time: world.context.batchTime,
    roots: [before.root, ...traces.map(({ newRoot }) => newRoot)],
    commitments: traces.map(({ commitment }) => commitment),
    feeTokens: traces.map(({ context }) => packFeeTokens(context.feeTokens)),
    form,
    chunks: form === 'calldata' ? operations.map(encodeChunkData) : [],
    visible: operations.map(encodeVisible),
    ...{ blobs, blobHashes: blobs.map((_, blob) => `0x01${String(blob).padStart(62, '0')}`) },
    authorizations: form === 'calldata' ? operations.map(chunkAuthorizations) : [],
  };
  return { before, submission, operations };
}
