/** The transactions of sealed batches, built from the database each time, so that restarts and reorgs make no difference. */

import type {
  AssertionContent,
  AssertionSubmission,
  BatchSubmission,
  Kzg,
  PostedBatch,
  SidecarBlob,
} from '@quittance/chain';
import { prepareBlob } from '@quittance/chain';
import {
  assertionContent,
  chunkAuthorizations,
  chunkEvaluation,
  type Deployment,
  type Groth16Proof,
  invariantBroken,
  type Profile,
  type StoredHeader,
} from '@quittance/protocol';
import { type BatchRow, databaseDamaged, type Storage } from '../../storage/index.ts';
import { challengeOf } from '../batcher/batch.ts';
import { blobsOf } from '../batcher/batch-data.ts';
import { contentOf } from '../batcher/content.ts';
import { operationsOf, recordsIn } from '../batcher/operations.ts';

/** A call with the blobs that its transaction carries. */
export interface WithSidecar<Submission> {
  readonly submission: Submission;
  readonly blobs: readonly SidecarBlob[];
}

/** What is sent to L1 for a batch. */
export interface Submissions {
  /** Of all its chunks, in order; undefined until each has one. */
  proofs(batch: BatchRow): readonly Groth16Proof[] | undefined;
  /** With its proofs; undefined until every chunk has one. @throws RollupError DATABASE_DAMAGED. */
  proven(batch: BatchRow): Promise<WithSidecar<BatchSubmission> | undefined>;
  /** With its signatures. @throws RollupError DATABASE_DAMAGED when one is missing. */
  asserted(batch: BatchRow): Promise<WithSidecar<AssertionSubmission>>;
  /** What L1 checks the proofs of a waiting batch against. @throws RollupError DATABASE_DAMAGED. */
  content(batch: BatchRow): AssertionContent;
}

export interface SubmissionsOptions {
  readonly storage: Storage;
  readonly profile: Profile;
  readonly deployment: Deployment;
  readonly genesis: StoredHeader;
  /** Undefined where no form is in blobs. */
  readonly kzg: Kzg | undefined;
}

/** The transactions of the batches in the database. */
export function createSubmissions({ storage, profile, deployment, genesis, kzg }: SubmissionsOptions): Submissions {
  const chunksOf = (batch: BatchRow) => storage.chunks.ofBatch(batch.number);
  const operationsIn = ({ number }: BatchRow) => operationsOf(storage, profile, number);

  const posted = (batch: BatchRow): PostedBatch => {
    const parent = batch.number === 1 ? genesis : storage.batches.get(batch.number - 1)!.header;
    return { parent, ...contentOf(parent, batch, chunksOf(batch)) };
  };

  const requireKzg = (): Kzg => {
    if (kzg === undefined) throw invariantBroken('a sealed batch is in blobs, and there is no KZG');
    return kzg;
  };

  /** Of the last batch: one that does not get in is offered again and again. */
  let prepared: { readonly headerHash: string; readonly blobs: SidecarBlob[] } | undefined;

  /** The blobs of a batch, which must be those that it was sealed with. */
  const sidecarOf = async (batch: BatchRow): Promise<SidecarBlob[]> => {
    if (batch.form === 'calldata') return [];
    if (prepared?.headerHash === batch.headerHash) return prepared.blobs;
    const blobs: SidecarBlob[] = [];
    // Blobs of coefficients have no signatures; of a batch that was made anew from L1 there are none.
    const operations = batch.form === 'coefficients' ? recordsIn(storage, profile, batch.number) : operationsIn(batch);
    for (const blob of blobsOf(batch.form, operations)) blobs.push(await prepareBlob(requireKzg(), blob));
    if (blobs.map(({ versionedHash }) => versionedHash).join() !== batch.blobHashes.join()) {
      throw databaseDamaged(storage.file, `the data of batch ${batch.number} is not that of its blobs`);
    }
    prepared = { headerHash: batch.headerHash, blobs };
    return blobs;
  };

  /** What L1 is told of a blob of coefficients: each chunk's value at z, commitment and proof. */
  const openingOf = async (batch: BatchRow, content: PostedBatch, blobs: readonly SidecarBlob[]) => {
    const [sidecar] = blobs;
    if (sidecar === undefined) return { evaluations: [], opening: new Uint8Array() };
    const challenge = challengeOf(deployment, content);
    const { proof } = await requireKzg().open(sidecar.blob, challenge);
    return {
      evaluations: recordsIn(storage, profile, batch.number).map((records) => chunkEvaluation(records, challenge)),
      opening: Uint8Array.from([...sidecar.commitment, ...proof]),
    };
  };

  const proofs = (batch: BatchRow): readonly Groth16Proof[] | undefined => {
    const found = chunksOf(batch).map(({ index }) => storage.proofs.get(batch.number, index)?.proof);
    return found.every((proof) => proof !== undefined) ? found : undefined;
  };

  const assertion = (batch: BatchRow): AssertionSubmission => ({
    ...posted(batch),
    authorizations: batch.form === 'calldata' ? operationsIn(batch).map(chunkAuthorizations) : [],
  });

  return {
    proofs,
    async proven(batch) {
      const all = proofs(batch);
      if (all === undefined) return undefined;
      const content = posted(batch);
      const blobs = await sidecarOf(batch);
      return { submission: { ...content, ...(await openingOf(batch, content, blobs)), proofs: all }, blobs };
    },
    asserted: async (batch) => ({ submission: assertion(batch), blobs: await sidecarOf(batch) }),
    content: (batch) => assertionContent(deployment, profile.slotsPerChunk, assertion(batch)),
  };
}
