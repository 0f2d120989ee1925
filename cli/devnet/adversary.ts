/**
 * A second producer who lies: it takes the honest producer's batch before it is included, changes one transfer in its
 * favour, executes everything after it consistently, and asserts that first. It defends its lie, too: when a chunk is
 * disputed it answers with what it executed, so that the wrong step has to be proven.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { type AssertionChain, type Kzg, prepareBlob, type SidecarBlob } from '@quittance/chain';
import {
  type Account,
  assertedOperation,
  assertedRecordsOf,
  authorizedRecords,
  type Bytes32,
  type ChunkTrace,
  type Engine,
  type ExecutionState,
  encodeChunkData,
  encodeEvaluationBlobs,
  float40,
  type Operation,
  packOperations,
  RecordKind,
  RollupError,
  stepCommitmentsOf,
  unpackFeeTokens,
  unpackTrace,
} from '@quittance/protocol';
import { chooseCrypto } from '../crypto.ts';
import type { Asserted } from './front-running.ts';

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
  /** The accounts before the batch. */
  readonly accounts: Iterable<readonly [index: number, account: Account]>;
  readonly honest: Asserted;
  readonly domain: bigint;
  readonly slotsPerChunk: number;
  /** Which transfer of the batch is changed, from 0. */
  readonly position: number;
  readonly amount: bigint;
}

const POLL_MS = 200;
/** The thief executes what it knows to be unsigned. */
const BLINDLY = { signatures: 'believed', onInvalid: 'stop', traces: true, commitments: true } as const;

/** Transfers of the batch, in order. */
function placesOf(chunks: readonly (readonly Operation[])[]): { chunk: number; slot: number }[] {
  return chunks.flatMap((operations, chunk) =>
    operations.flatMap(({ fields }, slot) => (fields.kind === RecordKind.transfer ? [{ chunk, slot }] : [])),
  );
}

/** Executes what the thief makes of the batch. @throws RollupError with the code of a rule that it breaks by more than its lie. */
async function executeBlindly(
  engine: Engine,
  state: ExecutionState,
  { time, feeTokens }: Asserted,
  domain: bigint,
  chunks: readonly (readonly Operation[])[],
): Promise<ChunkTrace[]> {
  const packed = chunks.map((operations, chunk) => {
    return { operations: packOperations(operations), feeTokens: unpackFeeTokens(feeTokens[chunk]!) };
  });
  const execution = await engine.execute(state, { domain, batchTime: time, chunks: packed }, BLINDLY);
  for (const { code, message, chunk, slot } of execution.refusals) {
    throw new RollupError(code as 'OUT_OF_RANGE', `slot ${slot} of chunk ${chunk}: ${message}`, { chunk, slot });
  }
  return execution.chunks.map(({ trace }) => unpackTrace(trace!));
}

/** The honest batch with one transfer of another amount, to somebody else. @throws RollupError NOT_FOUND. */
export async function createLie(options: LieOptions): Promise<Lie> {
  const { accounts, honest, domain, slotsPerChunk, position, amount } = options;
  const { hasher, engine } = chooseCrypto();
  const state = engine.createState(accounts);
  const chunks: readonly (readonly Operation[])[] = assertedRecordsOf(honest, slotsPerChunk, honest.blobs).map(
    (records) => records.map((record) => assertedOperation(state, record)),
  );
  const place = placesOf(chunks)[position];
  if (place === undefined) throw new RollupError('NOT_FOUND', `the batch has no transfer ${position}`, { position });
  const { fields } = chunks[place.chunk]![place.slot]!;
  const { from } = fields;
  const sender = state.get(from);
  // Its account is opened in the same batch: what it has then is not known here.
  if (sender === undefined)
    throw new RollupError('NOT_FOUND', `account ${from} is not there before the batch`, { from });
  const { tokenId } = sender;
  const [to] = [...state.accounts()].find(([index, account]) => account.tokenId === tokenId && index !== from)!;
  const executed = chunks.map((operations, chunk) =>
    operations.map((operation, slot) =>
      chunk === place.chunk && slot === place.slot
        ? { ...operation, fields: { ...fields, to, amountFloat: float40.encode(amount) } }
        : operation,
    ),
  );
  const traces = await executeBlindly(engine, state, honest, domain, executed);
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
