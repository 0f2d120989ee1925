/**
 * A second producer who lies: it takes the honest producer's batch before it is included, changes one transfer in its
 * favour, executes everything after it consistently, and asserts that first. It defends its lie, too: when a chunk is
 * disputed it answers with what it executed, so that the wrong step has to be proven.
 */

import { type AssertionChain, type Kzg, prepareBlob, type SidecarBlob } from '@quittance/chain';
import {
  assertedOperation,
  assertedRecordsOf,
  authorizedRecords,
  type Bytes32,
  type ChunkTrace,
  encodeChunkData,
  encodeEvaluationBlobs,
  executeChunk,
  float40,
  type Operation,
  RecordKind,
  RollupError,
  type RollupState,
  stepCommitmentsOf,
  unpackFeeTokens,
} from '@quittance/protocol';
import { chooseCrypto } from '../../cli/crypto.ts';
import type { Asserted } from './front-running.ts';
import { sleep } from './scenario-parts.ts';

/** A false batch, with what its author needs to defend it. */
export interface Lie {
  /** With the blobs that carry it, whose hashes are still those of the honest batch (`withSidecars`). */
  readonly submission: Asserted;
  /** Where the changed record stands. */
  readonly chunk: number;
  readonly slot: number;
  /** What it takes from whom, in base units. */
  readonly from: number;
  readonly to: number;
  readonly amount: bigint;
  /** Of each chunk: the states after its slots but the last. */
  readonly answers: readonly (readonly Bytes32[])[];
}

export interface LieOptions {
  /** Before the batch. It is changed. */
  readonly state: RollupState;
  readonly honest: Asserted;
  readonly domain: bigint;
  readonly slotsPerChunk: number;
  /** Which transfer of the batch is changed, from 0. */
  readonly position: number;
  readonly amount: bigint;
}

const POLL_MS = 200;
/** The thief executes what it knows to be unsigned. */
const BLIND = { verify: () => true };

/** Transfers of the batch, in order. */
function placesOf(chunks: readonly (readonly Operation[])[]): { chunk: number; slot: number }[] {
  return chunks.flatMap((operations, chunk) =>
    operations.flatMap(({ fields }, slot) => (fields.kind === RecordKind.transfer ? [{ chunk, slot }] : [])),
  );
}

/** The honest batch with one transfer of another amount, to somebody else. @throws RollupError NOT_FOUND. */
export function createLie({ state, honest, domain, slotsPerChunk, position, amount }: LieOptions): Lie {
  const { hasher } = chooseCrypto();
  const chunks: readonly (readonly Operation[])[] = assertedRecordsOf(honest, slotsPerChunk, honest.blobs).map(
    (records) => records.map((record) => assertedOperation(state, record)),
  );
  const place = placesOf(chunks)[position];
  if (place === undefined) throw new RollupError('NOT_FOUND', `the batch has no transfer ${position}`, { position });
  const { fields } = chunks[place.chunk]![place.slot]!;
  const { from } = fields;
  const { tokenId } = state.get(from)!;
  const [to] = [...state.accounts()].find(([index, account]) => account.tokenId === tokenId && index !== from)!;
  const traces: ChunkTrace[] = chunks.map((operations, chunk) => {
    const context = { domain, batchTime: honest.time, feeTokens: unpackFeeTokens(honest.feeTokens[chunk]!) };
    const forged = operations.map((operation, slot) =>
      chunk === place.chunk && slot === place.slot
        ? { ...operation, fields: { ...fields, to, amountFloat: float40.encode(amount) } }
        : operation,
    );
    return executeChunk({ hasher, verifier: BLIND }, state, forged, context).trace;
  });
  const executed = traces.map(({ slots }) => slots.map(({ operation }) => operation));
  const isInBlobs = honest.form === 'evaluations';
  return {
    submission: {
      ...honest,
      roots: [traces[0]!.oldRoot, ...traces.map(({ newRoot }) => newRoot)],
      commitments: traces.map(({ commitment }) => commitment),
      chunks: isInBlobs ? [] : executed.map(encodeChunkData),
      blobs: isInBlobs ? encodeEvaluationBlobs(authorizedRecords(executed.flat())) : [],
    },
    ...place,
    from,
    to,
    amount,
    answers: traces.map((trace) => stepCommitmentsOf(hasher, trace)),
  };
}

/** What asserts the lie: its blobs with their commitments, and a batch that names them. */
export async function withSidecars(
  { submission }: Pick<Lie, 'submission'>,
  kzg: Kzg | undefined,
): Promise<{ readonly submission: Asserted; readonly blobs: readonly SidecarBlob[] }> {
  const blobs = await Promise.all(submission.blobs.map((blob) => prepareBlob(kzg!, blob)));
  return { submission: { ...submission, blobHashes: blobs.map(({ versionedHash }) => versionedHash) }, blobs };
}

/** Answers every dispute of the lie until `signal` ends it. */
export async function defendLie(
  chain: AssertionChain,
  lie: Lie,
  assertionId: bigint,
  fromBlock: number,
  head: () => Promise<number>,
  signal: AbortSignal,
): Promise<void> {
  const answered = new Set<number>();
  const { headerHash } = await chain.assertion(assertionId);
  while (!signal.aborted) {
    for (const event of await chain.events(fromBlock, await head())) {
      if (event.type !== 'disputed' || event.assertionId !== assertionId || answered.has(event.chunk)) continue;
      const { chunk } = event;
      answered.add(chunk);
      await chain.send({ type: 'answerDispute', assertionId, headerHash, chunk, commitments: lie.answers[chunk]! });
    }
    await sleep(POLL_MS);
  }
}
