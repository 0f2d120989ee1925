/**
 * A test double of the Assertions contract over the fake L1: what was called stands in its blocks, so a reorg takes it
 * away. It has the rules of waiting, finality and removal; proofs and steps it believes.
 */

import type {
  AssertionAction,
  AssertionChain,
  AssertionConstants,
  AssertionEvent,
  AssertionStatus,
  AssertionSubmission,
  BlockReference,
  ChunkDisputesStatus,
  WithBlobs,
} from '@quittance/chain';
import {
  evaluationBlobCount,
  headerHash,
  headerOf,
  keccak,
  MAX_BATCH_DATA_BYTES,
  MAX_CHUNK_DATA_BYTES,
  type Profile,
  RollupError,
  type StoredHeader,
} from '@quittance/protocol';
import { type FakeChain, withSidecar } from './fake-chain.ts';

export const TERMS: AssertionConstants = {
  address: '0x00000000000000000000000000000000000a55e7',
  challengePeriodSeconds: 100,
  answerWindowSeconds: 60,
  stepWindowSeconds: 40,
  assertionBond: 1_000n,
  disputeBond: 100n,
  maxPending: 5,
};

/** Whose sequencer it is, and somebody else who may produce. */
export const PRODUCER = '0x00000000000000000000000000000000000000Aa';
export const STRANGER = '0x00000000000000000000000000000000000000bB';

/** A batch as it was asserted, with its blobs. */
export type Asserted = WithBlobs<AssertionSubmission>;

type Call =
  | { readonly type: 'assert'; readonly asserter: string; readonly submission: Asserted }
  | { readonly type: 'prove'; readonly id: bigint; readonly firstChunk: number; readonly count: number }
  | { readonly type: 'dispute'; readonly id: bigint; readonly chunk: number }
  | { readonly type: 'answer'; readonly id: bigint; readonly chunk: number }
  | { readonly type: 'reject'; readonly id: bigint; readonly unanswered: boolean }
  | { readonly type: 'finalize'; readonly ids: readonly bigint[] }
  | { readonly type: 'remove'; readonly id: bigint }
  | { readonly type: 'release'; readonly id: bigint }
  | { readonly type: 'collect'; readonly wei: bigint };

interface Entry {
  readonly call: Call;
  readonly block: BlockReference;
  readonly transactionHash: string;
}

interface Held {
  status: AssertionStatus;
  readonly submission: Asserted;
  readonly header: StoredHeader;
  isRemoved: boolean;
  readonly disputes: Map<number, ChunkDisputesStatus>;
}

export interface FakeAssertions extends AssertionChain {
  /** Somebody else asserts it. */
  assertAs(asserter: string, submission: AssertionSubmission): Promise<bigint>;
  openDisputeOf(id: bigint, chunk: number): Promise<void>;
  answer(id: bigint, chunk: number): Promise<void>;
  /** Whatever the clocks say. */
  reject(id: bigint, unanswered?: boolean): Promise<void>;
  /** It and what follows can no longer become final, without anybody's fault. */
  remove(id: bigint): Promise<void>;
  /** The next transaction is included but its caller sees this error. */
  loseNextAnswer(error: Error): void;
  /** From now on its transactions stay in the pool, until they are included or it gives them up. */
  hold(): void;
  /** L1 includes what is in the pool, given up or not, and what comes from now on. */
  include(): Promise<void>;
  /** The pool forgets what is in it, and L1 includes what comes from now on. */
  drop(): void;
  /** What the sequencer gave up while it was in the pool. */
  readonly givenUp: readonly AssertionAction[];
  /** Calls of the sequencer so far that L1 took, by type. */
  readonly sent: ReadonlyMap<string, number>;
  /** What the sequencer asserted, reorganized away or not. */
  readonly asserted: readonly Asserted[];
  /** Wei paid out so far. */
  readonly collected: bigint;
}

function refuse(name: string): never {
  throw new RollupError('L1_REJECTED', `the contract refused: ${name}`, { error: name });
}

/** The header that L1 makes of it. */
function headerFrom(submission: AssertionSubmission): StoredHeader {
  return headerOf(submission.parent, submission);
}

const NO_DISPUTES: ChunkDisputesStatus = {
  answerHash: `0x${'00'.repeat(32)}`,
  firstDisputeId: 0n,
  firstDisputeAt: 0,
  lastDisputeAt: 0,
  answeredAt: 0,
};

/** Ids of the disputes of one assertion: one a chunk, of which a batch has fewer. */
const DISPUTES_EACH = 100n;

/** Applies a call to what is held. */
function apply(held: Held[], { call, block }: Entry): void {
  const of = (id: bigint): Held => held[Number(id) - 1]!;
  const change = (id: bigint, status: Partial<AssertionStatus>): void => {
    of(id).status = { ...of(id).status, ...status };
  };
  const changeChunk = (id: bigint, chunk: number, disputes: Partial<ChunkDisputesStatus>): void => {
    of(id).disputes.set(chunk, { ...(of(id).disputes.get(chunk) ?? NO_DISPUTES), ...disputes });
  };
  if (call.type === 'assert') {
    const header = headerFrom(call.submission);
    const status: AssertionStatus = {
      headerHash: headerHash(header),
      contentHash: keccak(new Uint8Array([1])),
      asserter: call.asserter,
      assertedAt: block.timestamp,
      chunkCount: call.submission.visible.length,
      number: header.number,
      isRejected: false,
      isReleased: false,
      isPending: true,
      provenChunks: 0n,
      disputedChunks: 0n,
    };
    held.push({ status, submission: call.submission, header, isRemoved: false, disputes: new Map() });
  } else if (call.type === 'prove') {
    let mask = of(call.id).status.provenChunks;
    for (let chunk = call.firstChunk; chunk < call.firstChunk + call.count; chunk++) mask |= 1n << BigInt(chunk);
    change(call.id, { provenChunks: mask });
  } else if (call.type === 'dispute') {
    change(call.id, { disputedChunks: of(call.id).status.disputedChunks | (1n << BigInt(call.chunk)) });
    const first = of(call.id).disputes.get(call.chunk)?.firstDisputeAt ?? block.timestamp;
    changeChunk(call.id, call.chunk, {
      firstDisputeId: call.id * DISPUTES_EACH + BigInt(call.chunk),
      firstDisputeAt: first,
      lastDisputeAt: block.timestamp,
    });
  } else if (call.type === 'answer') {
    changeChunk(call.id, call.chunk, { answeredAt: block.timestamp });
  } else if (call.type === 'reject') {
    change(call.id, { isRejected: true });
    for (const later of held) if (later.status.number > of(call.id).status.number) later.isRemoved = true;
  } else if (call.type === 'remove') {
    for (const later of held) if (later.status.number >= of(call.id).status.number) later.isRemoved = true;
  } else if (call.type === 'finalize') {
    for (const id of call.ids) change(id, { isReleased: true });
  } else if (call.type === 'release') {
    change(call.id, { isReleased: true });
  }
}

/** The contract over `chain`. */
export function createFakeAssertions(chain: FakeChain, profile: Profile): FakeAssertions {
  const entries: Entry[] = [];
  const sent = new Map<string, number>();
  let lost: Error | undefined;
  let salt = 0;
  let pool: { action: AssertionAction; include: (entry: Promise<Entry>) => void }[] | undefined;
  const givenUp: AssertionAction[] = [];

  const live = async (): Promise<Entry[]> => {
    await chain.head(); // fails when L1 does
    const found = await Promise.all(
      entries.map(async (entry) => ((await chain.block(entry.block.number))?.hash === entry.block.hash ? [entry] : [])),
    );
    return found.flat();
  };
  const read = async (): Promise<{ held: Held[]; pending: { id: bigint; held: Held }[]; collected: bigint }> => {
    const held: Held[] = [];
    let collected = 0n;
    for (const entry of await live()) {
      apply(held, entry);
      if (entry.call.type === 'collect') collected += entry.call.wei;
    }
    const { number } = await chain.finalState();
    let tip = (await chain.headerHash(number))!;
    const pending: { id: bigint; held: Held }[] = [];
    for (let next = number + 1; ; next++) {
      const position = held.findLastIndex(
        ({ status, header, isRemoved }) =>
          header.number === next && header.parentHash === tip && !status.isRejected && !isRemoved,
      );
      if (position < 0) break;
      pending.push({ id: BigInt(position + 1), held: held[position]! });
      tip = held[position]!.status.headerHash;
    }
    for (const one of held) {
      one.status = { ...one.status, isPending: pending.some((other) => other.held === one) };
    }
    return { held, pending, collected };
  };
  const write = async (call: Call): Promise<Entry> => {
    chain.mine(1);
    const entry = {
      call,
      block: await chain.head(),
      transactionHash: keccak(new TextEncoder().encode(`call ${salt++}`)),
    };
    entries.push(entry);
    return entry;
  };
  const get = async (id: bigint): Promise<Held> => {
    const { held } = await read();
    return held[Number(id) - 1] ?? refuse('UnknownAssertion');
  };

  async function assertBatch(asserter: string, submission: Asserted): Promise<Entry> {
    const { pending } = await read();
    const { number } = await chain.finalState();
    const tip = pending.at(-1)?.held.status.headerHash ?? (await chain.headerHash(number));
    if (submission.number !== number + pending.length + 1) refuse('WrongBatchNumber');
    if (headerHash(submission.parent) !== tip) refuse('WrongParent');
    if (pending.length >= TERMS.maxPending) refuse('TooManyPending');
    if (submission.time > chain.time || submission.time + 86_400 < chain.time) refuse('BatchTooOld');
    const { form, chunks, authorizations, visible } = submission;
    const count = form === 'calldata' ? visible.length : 0;
    if (form === 'coefficients' || chunks.length !== count || authorizations.length !== count)
      refuse('WrongListLength');
    const blobCount = form === 'calldata' ? 0 : evaluationBlobCount(visible.length, profile.slotsPerChunk);
    if (submission.blobs.length !== blobCount) refuse('WrongBlobs');
    const sizes = chunks.map((data, chunk) => data.length + authorizations[chunk]!.length + visible[chunk]!.length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (sizes.some((size) => size > MAX_CHUNK_DATA_BYTES) || total > MAX_BATCH_DATA_BYTES) refuse('TooMuchData');
    chain.requireQueue(submission);
    return write({ type: 'assert', asserter, submission });
  }

  async function finalizeBatches(headers: readonly StoredHeader[]): Promise<Entry> {
    const { pending } = await read();
    const time = chain.time + 1;
    const due = headers.map((header, position) => {
      const found = pending[position];
      if (found?.held.status.headerHash !== headerHash(header)) refuse('WrongHeader');
      const { status, disputes } = found.held;
      const isProven = status.provenChunks === 2n ** BigInt(status.chunkCount) - 1n;
      const isOver = [...disputes].every(
        ([chunk, { answeredAt, lastDisputeAt }]) =>
          ((status.provenChunks >> BigInt(chunk)) & 1n) === 1n ||
          (answeredAt > 0 && time > Math.max(answeredAt, lastDisputeAt) + TERMS.stepWindowSeconds),
      );
      if (!isProven && !(isOver && time > status.assertedAt + TERMS.challengePeriodSeconds)) refuse('TooEarly');
      return found;
    });
    // The rollup judges queue and header again, and its block has the event.
    for (const { held } of due) {
      await chain.makeFinal(held.submission);
    }
    return write({ type: 'finalize', ids: due.map(({ id }) => id) });
  }

  async function execute(action: AssertionAction): Promise<Entry> {
    if (action.type === 'assertBatch') {
      return assertBatch(PRODUCER, withSidecar(action.submission, action.blobs ?? []));
    }
    if (action.type === 'finalizeBatches') return finalizeBatches(action.headers);
    if (action.type === 'submitProofs') {
      const { assertionId: id, firstChunk, proofs } = action;
      if (!(await get(id)).status.isPending) refuse('AssertionNotPending');
      return write({ type: 'prove', id, firstChunk, count: proofs.length });
    }
    if (action.type === 'releaseBond') {
      const { status } = await get(action.assertionId);
      if (status.isPending || status.isReleased || status.isRejected) refuse('NoBond');
      return write({ type: 'release', id: action.assertionId });
    }
    if (action.type === 'collectCredit') {
      const wei = await assertions.creditOf(PRODUCER);
      if (wei === 0n) refuse('NoCredit');
      return write({ type: 'collect', wei });
    }
    throw new Error(`the sequencer has no business with ${action.type}`);
  }

  /** Waits in the pool. */
  function pend(held: NonNullable<typeof pool>, action: AssertionAction, signal?: AbortSignal): Promise<Entry> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      held.push({ action, include: resolve });
      signal?.addEventListener('abort', () => {
        givenUp.push(action);
        reject(signal.reason as Error);
      });
    });
  }

  function toEvents({ call, block, transactionHash }: Entry, ids: { next: bigint }): AssertionEvent[] {
    const place = { transactionHash, blockNumber: block.number, blockHash: block.hash, logIndex: 0 };
    if (call.type === 'assert') {
      const header = headerFrom(call.submission);
      const assertionId = ids.next++;
      const { asserter } = call;
      return [
        { ...place, type: 'asserted', assertionId, headerHash: headerHash(header), asserter, isProven: false, header },
      ];
    }
    if (call.type === 'reject') {
      const { id: assertionId, unanswered } = call;
      return [{ ...place, type: 'rejected', assertionId, number: 0, winner: STRANGER, unanswered }];
    }
    return [];
  }

  const assertions: FakeAssertions = {
    account: PRODUCER,
    connect: async () => TERMS,
    async events(from, to) {
      const ids = { next: 1n };
      const events = (await live()).flatMap((entry) => toEvents(entry, ids));
      return events.filter(({ blockNumber }) => blockNumber >= from && blockNumber <= to);
    },
    counts: () => refuse('not needed'),
    async pendingRange() {
      const { number: finalNumber } = await chain.finalState();
      return { finalNumber, lastNumber: finalNumber + (await read()).pending.length };
    },
    pendingId: async (number) => (await read()).pending.find(({ held }) => held.status.number === number)?.id,
    assertion: async (id) => (await get(id)).status,
    chunkDisputes: async (id, chunk) => (await get(id)).disputes.get(chunk) ?? NO_DISPUTES,
    async dispute(disputeId) {
      const assertionId = disputeId / DISPUTES_EACH;
      const chunk = Number(disputeId % DISPUTES_EACH);
      const { firstDisputeAt: openedAt } = (await get(assertionId)).disputes.get(chunk) ?? refuse('UnknownDispute');
      return { assertionId, chunk, disputer: STRANGER, openedAt, isSettled: false };
    },
    isFinalizable: async () => false,
    stepCommittedAt: async () => 0,
    async creditOf() {
      const { held, collected } = await read();
      const released = held.filter(({ status }) => status.isReleased && status.asserter === PRODUCER).length;
      return BigInt(released) * TERMS.assertionBond - collected;
    },
    async submission(transactionHash) {
      const call = (await live()).find((entry) => entry.transactionHash === transactionHash)?.call;
      return call?.type === 'assert' ? call.submission : refuse('UnknownTransaction');
    },
    dryRun: async () => ({ gas: 1n, costWei: 1n }),
    async send(action, signal) {
      const entry = await (pool === undefined ? execute(action) : pend(pool, action, signal));
      sent.set(action.type, (sent.get(action.type) ?? 0) + 1);
      const error = lost;
      lost = undefined;
      if (error !== undefined) throw error;
      const { number: blockNumber, hash: blockHash } = entry.block;
      return { transactionHash: entry.transactionHash, blockNumber, blockHash, gasUsed: 1n, costWei: 5n };
    },
    async assertAs(asserter, submission) {
      await assertBatch(asserter, { ...submission, blobs: [] });
      return (await read()).pending.at(-1)!.id;
    },
    async openDisputeOf(id, chunk) {
      await write({ type: 'dispute', id, chunk });
    },
    async answer(id, chunk) {
      await write({ type: 'answer', id, chunk });
    },
    async reject(id, unanswered = false) {
      await write({ type: 'reject', id, unanswered });
    },
    async remove(id) {
      await write({ type: 'remove', id });
    },
    loseNextAnswer(error) {
      lost = error;
    },
    hold() {
      pool = [];
    },
    async include() {
      const held = pool ?? [];
      pool = undefined;
      for (const { action, include } of held) {
        const entry = execute(action);
        include(entry);
        await entry;
      }
    },
    drop() {
      pool = undefined;
    },
    givenUp,
    sent,
    get asserted() {
      return entries.flatMap(({ call }) =>
        call.type === 'assert' && call.asserter === PRODUCER ? [call.submission] : [],
      );
    },
    get collected() {
      return entries.reduce((sum, { call }) => (call.type === 'collect' ? sum + call.wei : sum), 0n);
    },
  };
  return assertions;
}
