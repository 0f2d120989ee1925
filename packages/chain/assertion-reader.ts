/** Reads the Assertions contract that belongs to a rollup. */

import { invariantBroken, isSameAddress, RollupError } from '@quittance/protocol';
import { decodeAssertionSubmission } from './assertion-calls.ts';
import { ASSERTION_EVENTS, decodeAssertionEvent } from './assertion-events.ts';
import type {
  AssertionConstants,
  AssertionEvent,
  AssertionReader,
  AssertionStatus,
  ChunkDisputesStatus,
  DisputeStatus,
} from './assertion-types.ts';
import type { ContractView } from './contract-view.ts';
import { assertionsView, type ReaderOptions, rollupView } from './views.ts';

/** What ethers returns for a struct: its fields by name. */
type Fields<Names extends string, T> = Readonly<Record<Names, T>>;
type RawAssertion = Fields<'headerHash' | 'contentHash' | 'asserter', string> &
  Fields<'assertedAt' | 'chunkCount' | 'number' | 'provenChunks' | 'disputedChunks', bigint> &
  Fields<'isRejected' | 'isReleased', boolean>;
type RawChunkDisputes = Fields<'answerHash', string> &
  Fields<'firstDisputeId' | 'firstDisputeAt' | 'lastDisputeAt' | 'answeredAt', bigint>;
type RawDispute = Fields<'disputer', string> &
  Fields<'assertionId' | 'chunk' | 'openedAt', bigint> &
  Fields<'isSettled', boolean>;

function toStatus(raw: RawAssertion, isPending: boolean): AssertionStatus {
  const { headerHash, contentHash, asserter, isRejected, isReleased } = raw;
  return {
    headerHash,
    contentHash,
    asserter,
    assertedAt: Number(raw.assertedAt),
    chunkCount: Number(raw.chunkCount),
    number: Number(raw.number),
    isRejected,
    isReleased,
    isPending,
    provenChunks: raw.provenChunks,
    disputedChunks: raw.disputedChunks,
  };
}

function toChunkDisputes(raw: RawChunkDisputes): ChunkDisputesStatus {
  const { answerHash, firstDisputeId, firstDisputeAt, lastDisputeAt, answeredAt } = raw;
  return {
    answerHash,
    firstDisputeId,
    firstDisputeAt: Number(firstDisputeAt),
    lastDisputeAt: Number(lastDisputeAt),
    answeredAt: Number(answeredAt),
  };
}

function toDispute({ assertionId, chunk, disputer, openedAt, isSettled }: RawDispute): DisputeStatus {
  return { assertionId, chunk: Number(chunk), disputer, openedAt: Number(openedAt), isSettled };
}

async function readConstants({ address, view }: ContractView, rollup: string): Promise<AssertionConstants> {
  const owner = await view<string>('rollup');
  if (!isSameAddress(owner, rollup)) {
    throw new RollupError('L1_WRONG_CHAIN', `the contract ${address} belongs to ${owner}, not to ${rollup}`, {
      expected: rollup,
      actual: owner,
    });
  }
  const seconds = (name: string) => view<bigint>(name).then(Number);
  const [challengePeriodSeconds, answerWindowSeconds, stepWindowSeconds, maxPending] = await Promise.all([
    seconds('challengePeriod'),
    seconds('answerWindow'),
    seconds('stepWindow'),
    seconds('maxPending'),
  ]);
  const [assertionBond, disputeBond] = await Promise.all([view<bigint>('assertionBond'), view<bigint>('disputeBond')]);
  return {
    address,
    challengePeriodSeconds,
    answerWindowSeconds,
    stepWindowSeconds,
    assertionBond,
    disputeBond,
    maxPending,
  };
}

const byPlace = (one: AssertionEvent, other: AssertionEvent) =>
  one.blockNumber - other.blockNumber || one.logIndex - other.logIndex;

/** A reader of the Assertions contract of the rollup at `contract`. Call `connect` first. */
export function createAssertionReader(options: ReaderOptions): AssertionReader {
  const rollup = options.contract;
  const ownRollup = rollupView(options);
  let connected: { readonly contract: ContractView; readonly constants: AssertionConstants } | 'none' | undefined;

  function contract(): ContractView {
    if (connected === undefined) throw invariantBroken('the assertions were read before connect', { contract: rollup });
    if (connected !== 'none') return connected.contract;
    const message = `the rollup ${rollup} has no optimistic mode`;
    throw new RollupError('NO_OPTIMISTIC_MODE', message, { contract: rollup });
  }

  return {
    async connect() {
      if (connected === undefined || connected === 'none') {
        const found = await assertionsView(ownRollup, options);
        connected = found && { contract: found, constants: await readConstants(found, rollup) };
        connected ??= 'none';
      }
      return connected === 'none' ? undefined : connected.constants;
    },
    events: async (fromBlock, toBlock, events = ASSERTION_EVENTS) =>
      (await contract().logs({ events, fromBlock, toBlock, decode: decodeAssertionEvent })).sort(byPlace),
    async counts(blockHash) {
      const [assertionCount, disputeCount] = await contract().viewAt<[bigint, bigint]>(blockHash, 'counts');
      return { assertionCount: Number(assertionCount), disputeCount: Number(disputeCount) };
    },
    async pendingRange() {
      const [finalNumber, lastNumber] = await contract().view<[bigint, bigint]>('pendingRange');
      return { finalNumber: Number(finalNumber), lastNumber: Number(lastNumber) };
    },
    async pendingId(number) {
      const id = await contract().view<bigint>('pendingId', number);
      return id === 0n ? undefined : id;
    },
    async assertion(assertionId) {
      const { view } = contract();
      const [raw, isPending] = await Promise.all([
        view<RawAssertion>('assertion', assertionId),
        view<boolean>('isPending', assertionId),
      ]);
      return toStatus(raw, isPending);
    },
    chunkDisputes: async (assertionId, chunk) =>
      toChunkDisputes(await contract().view<RawChunkDisputes>('chunkDisputes', assertionId, chunk)),
    dispute: async (disputeId) => toDispute(await contract().view<RawDispute>('dispute', disputeId)),
    isFinalizable: () => contract().view<boolean>('isFinalizable'),
    stepCommittedAt: async (commitment) => Number(await contract().view<bigint>('stepCommittedAt', commitment)),
    creditOf: (account) => contract().view<bigint>('creditOf', account),
    submission: async (transactionHash) => decodeAssertionSubmission(await ownRollup.transaction(transactionHash)),
  };
}
