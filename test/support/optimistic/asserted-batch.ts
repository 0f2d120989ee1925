/** Asserted batches, true or not, with all that disputes about them need: records, signatures and states are real. */

import type { AssertionSubmission, WithBlobs } from '@quittance/chain';
import {
  type AssertionContent,
  assertionContent,
  type BatchForm,
  type Bytes32,
  contentHash,
  type Deployment,
  domainOf,
  FEE_TOKEN_FILLER,
  headerHash,
  headerOf,
  keccak,
  packFeeTokens,
  RollupState,
  type StoredHeader,
  type Withdrawal,
  withdrawalsIn,
} from '@quittance/protocol';
import { portableCrypto } from '../rollup/world.ts';
import { type ChunkScript, type ClaimedChunk, claimChunk } from './claimed-chunk.ts';
import { evaluationBlobs } from './evaluation-blobs.ts';

const NO_FEE_TOKENS = Array.from({ length: 4 }, () => FEE_TOKEN_FILLER);

/** The end of a chain: what the next batch is built on. */
export interface Tip {
  readonly header: StoredHeader;
  /** Nobody changes it. */
  readonly state: RollupState;
}

/** What a producer asserts. */
export interface BatchScript {
  readonly time: number;
  readonly chunks: readonly ChunkScript[];
  /** Where the records go; into calldata unless said otherwise. */
  readonly form?: Extract<BatchForm, 'calldata' | 'evaluations'>;
}

/** The arguments of `assertBatch`, and what L1 and disputes make of them. */
export interface BuiltAssertion extends Tip {
  readonly parent: StoredHeader;
  readonly batch: {
    readonly number: number;
    readonly time: number;
    readonly roots: readonly bigint[];
    readonly commitments: readonly bigint[];
    readonly feeTokens: readonly bigint[];
  };
  readonly form: BatchForm;
  /** None when the records are in blobs; so are authorizations. */
  readonly chunks: readonly Uint8Array[];
  readonly authorizations: readonly Uint8Array[];
  readonly visible: readonly Uint8Array[];
  /** None when the records are in calldata. */
  readonly blobs: readonly Uint8Array[];
  readonly blobHashes: readonly Bytes32[];
  readonly headerHash: Bytes32;
  readonly content: AssertionContent;
  readonly contentHash: Bytes32;
  readonly claims: readonly ClaimedChunk[];
  readonly withdrawals: readonly Withdrawal[];
  readonly isLie: boolean;
}

/** The parts of a built batch that say where its data is. */
const dataOf = ({ form, chunks, authorizations, visible, blobs, blobHashes }: BuiltAssertion) => ({
  ...{ form, chunks, authorizations, visible, blobs, blobHashes },
});

/** The batch as whoever reads it from L1 and its blobs has it. */
export function readAs(built: BuiltAssertion): WithBlobs<AssertionSubmission> {
  return { parent: built.parent, ...built.batch, ...dataOf(built) };
}

/** A hash in the shape of a versioned hash, which has nothing to do with KZG. */
const nameByKeccak = (blob: Uint8Array): Bytes32 => `0x01${keccak(blob).slice(4)}`;

function placeData(claims: readonly ClaimedChunk[], { form = 'calldata' }: BatchScript) {
  const visible = claims.map((claim) => claim.visible);
  if (form === 'calldata') {
    const chunks = claims.map(({ data }) => data);
    const authorizations = claims.map((claim) => claim.authorizations);
    return { form, chunks, authorizations, visible, blobs: [], blobHashes: [] };
  }
  const blobs = evaluationBlobs(claims.flatMap(({ published }) => published));
  return { form, chunks: [], authorizations: [], visible, blobs, blobHashes: blobs.map(nameByKeccak) };
}

/** Builds the batch on a tip. */
export function buildAssertion(
  { deployment, slotsPerChunk }: BatchShape,
  { header: parent, state: before }: Tip,
  script: BatchScript,
): BuiltAssertion {
  const { time, chunks: scripts } = script;
  const number = parent.number + 1;
  const state = new RollupState(portableCrypto.hasher, before.accounts());
  const domain = domainOf(deployment);
  const claims = scripts.map((chunk) => {
    const context = { domain, batchTime: time, feeTokens: chunk.feeTokens ?? NO_FEE_TOKENS };
    return claimChunk(state, chunk, slotsPerChunk, context);
  });
  const roots = [parent.stateRoot, ...claims.map(({ newRoot }) => newRoot)];
  const commitments = claims.map(({ commitment }) => commitment);
  const feeTokens = claims.map(({ context }) => packFeeTokens(context.feeTokens));
  const batch = { number, time, roots, commitments, feeTokens };
  const data = placeData(claims, script);
  const content = assertionContent(deployment, slotsPerChunk, { ...batch, ...data });
  const header = headerOf(parent, { ...batch, ...data });
  const operations = claims.flatMap(({ slots }) => slots.map(({ operation }) => operation));
  return {
    ...{ parent, batch, ...data, header, state, content, claims },
    headerHash: headerHash(header),
    contentHash: contentHash(content),
    withdrawals: withdrawalsIn(operations),
    isLie: claims.some(({ slots }) => slots.some(({ isFraud }) => isFraud)),
  };
}

/** The shape that a batch is built for. */
interface BatchShape {
  readonly deployment: Deployment;
  readonly slotsPerChunk: number;
}

function restate({ deployment, slotsPerChunk }: BatchShape, built: BuiltAssertion): BuiltAssertion {
  const stated = { ...built.batch, ...dataOf(built) };
  const content = assertionContent(deployment, slotsPerChunk, stated);
  const header = headerOf(built.parent, stated);
  return { ...built, header, content, headerHash: headerHash(header), contentHash: contentHash(content) };
}

/** The same batch with other roots; its claims, and so its answers, stay what they were. */
export function withRoots(shape: BatchShape, built: BuiltAssertion, roots: readonly bigint[]): BuiltAssertion {
  return restate(shape, { ...built, batch: { ...built.batch, roots }, isLie: true });
}

/** The same batch with other blobs, or other names for them. */
export function withBlobsNamed(
  shape: BatchShape,
  built: BuiltAssertion,
  { blobs, blobHashes }: Pick<BuiltAssertion, 'blobs' | 'blobHashes'>,
): BuiltAssertion {
  return restate(shape, { ...built, blobs, blobHashes });
}
