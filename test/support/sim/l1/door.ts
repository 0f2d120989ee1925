/** L1 as one process sees it: a node that may fail to answer, and an account whose transactions may be late or lost. */

import type {
  AssertionAction,
  AssertionStatus,
  BatchSubmission,
  ChunkDisputesStatus,
  FinalizedBatch,
  Included,
  L1Inclusion,
  PinnedAssertionChain,
  RollupChain,
} from '@quittance/chain';
import { type Bytes32, domainOf, RollupError } from '@quittance/protocol';
import type { Submission } from './batches.ts';
import type { SimCall } from './calls.ts';
import type { SimChain } from './chain.ts';
import { type FinalBatch, SIM_TERMS } from './contract.ts';
import { QUEUE_TERMS } from './queue.ts';

/** What goes wrong between a process and L1. Each is asked anew for each call. */
export interface DoorFaults {
  /** Whether the node does not answer. */
  isDown(): boolean;
  /** Whether the process learns nothing of its transaction, which stays in the pool. */
  isAnswerLost(): boolean;
  /** Blocks that a transaction waits in the pool. */
  delayBlocks(): number;
}

export interface Door {
  readonly chain: RollupChain;
  readonly assertions: PinnedAssertionChain;
}

const unreachable = (): RollupError => new RollupError('L1_UNREACHABLE', 'the node does not answer');

const NO_DISPUTES = { firstDisputeId: 0n, firstDisputeAt: 0, lastDisputeAt: 0, answeredAt: 0 };

/** As L1 tells of it, without what the simulator knows. */
const told = ({ taken: _, ...batch }: FinalBatch): FinalizedBatch => batch;

const within = <Found extends L1Inclusion>(found: readonly Found[], from: number, to: number): Found[] =>
  found.filter(({ blockNumber }) => blockNumber >= from && blockNumber <= to);

/** The door of `account`. `isAlive`: nothing is answered to a process that has died. */
export function createDoor(l1: SimChain, account: string, faults: DoorFaults, isAlive: () => boolean): Door {
  const { profile, deployment } = l1.options;
  const never = new Promise<never>(() => undefined);
  const answer = async <T>(value: () => T): Promise<T> => {
    await Promise.resolve();
    if (!isAlive()) return never;
    if (faults.isDown()) throw unreachable();
    return value();
  };
  /** One transaction of an account after the other. */
  let queue: Promise<unknown> = Promise.resolve();

  const offer = (call: SimCall, signal: AbortSignal | undefined, nonce: number): Promise<Included> =>
    new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal!.reason as Error);
      signal?.addEventListener('abort', onAbort);
      const isLost = faults.isAnswerLost();
      l1.offer(
        ...[account, call, nonce],
        (outcome) => {
          signal?.removeEventListener('abort', onAbort);
          if (!isAlive()) return;
          if (isLost) reject(unreachable());
          else if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        },
        faults.delayBlocks(),
      );
    });
  async function sendNow(call: SimCall, signal?: AbortSignal, nonce?: number): Promise<Included> {
    signal?.throwIfAborted();
    await answer(() => l1.dryRun(account, call));
    signal?.throwIfAborted();
    const next = l1.nonceOf(account);
    if (nonce !== undefined && nonce < next)
      throw new RollupError('NONCE_TAKEN', `nonce ${nonce} was used`, { account, nonce });
    if (nonce !== undefined && nonce > next) {
      throw new RollupError('NONCE_AHEAD', `nonce ${nonce} is ahead`, { account, nonce, next });
    }
    const included = await offer(call, signal, next);
    return isAlive() ? included : never;
  }
  const send = (call: SimCall, signal?: AbortSignal, nonce?: number): Promise<Included> => {
    const sent = queue.then(() => sendNow(call, signal, nonce));
    queue = sent.catch(() => undefined);
    return sent;
  };
  const submissionOf = <Kind extends Submission>(hash: Bytes32): Promise<Kind> =>
    answer(() => {
      const found = l1.contract.submissions.get(hash);
      if (found === undefined)
        throw new RollupError('L1_TRANSACTION_UNKNOWN', `no transaction ${hash}`, { transactionHash: hash });
      return found as Kind;
    });
  const held = (id: bigint) => {
    const found = l1.contract.assertions.assertions[Number(id) - 1];
    if (found === undefined) throw new RollupError('L1_REJECTED', 'no such assertion', { error: 'UnknownAssertion' });
    return found;
  };
  const statusOf = (id: bigint): AssertionStatus => {
    const { built, asserter, assertedAt, chunks, status, hasBond } = held(id);
    const mask = (isSet: (position: number) => boolean): bigint =>
      chunks.reduce((bits, _, position) => (isSet(position) ? bits | (1n << BigInt(position)) : bits), 0n);
    return {
      ...{ headerHash: built.headerHash, contentHash: l1.contract.contents.get(id)!, asserter, assertedAt },
      ...{ chunkCount: chunks.length, number: built.header.number },
      isRejected: status === 'rejected',
      isReleased: status !== 'rejected' && !hasBond,
      isPending: status === 'waiting',
      provenChunks: mask((chunk) => chunks[chunk]!.isProven),
      disputedChunks: mask((chunk) => chunks[chunk]!.disputes.length > 0),
    };
  };
  const disputesOf = (id: bigint, chunk: number): ChunkDisputesStatus => {
    const { disputes, answeredAt } = held(id).chunks[chunk]!;
    const answerHash = l1.contract.answerHash(id, chunk);
    if (disputes.length === 0) return { answerHash, ...NO_DISPUTES };
    const { id: firstDisputeId, openedAt: firstDisputeAt } = disputes[0]!;
    return {
      answerHash,
      firstDisputeId,
      firstDisputeAt,
      lastDisputeAt: disputes.at(-1)!.openedAt,
      answeredAt: answeredAt ?? 0,
    };
  };
  const finals = () => l1.contract.finals;
  const events = (from: number, to: number) => within(l1.contract.events, from, to);
  const dryRun = (action: AssertionAction) =>
    answer(() => {
      l1.dryRun(account, action);
      return { gas: 1n, costWei: 1n };
    });

  const assertions: PinnedAssertionChain = {
    account,
    connect: () => answer(() => SIM_TERMS),
    events: (from, to) => answer(() => events(from, to)),
    counts: (hash) => answer(() => l1.progressAt(hash)),
    pendingRange: () =>
      answer(() => {
        const finalNumber = finals().length - 1;
        return { finalNumber, lastNumber: finalNumber + l1.contract.assertions.waiting.length };
      }),
    pendingId: (number) => answer(() => l1.contract.assertions.waiting[number - finals().length]?.id),
    assertion: (id) => answer(() => statusOf(id)),
    chunkDisputes: (id, chunk) => answer(() => disputesOf(id, chunk)),
    dispute: (id) =>
      answer(() => {
        const { assertion, chunk, disputer, openedAt, isSettled } = l1.contract.assertions.disputes[Number(id) - 1]!;
        return { assertionId: assertion.id, chunk, disputer, openedAt, isSettled };
      }),
    isFinalizable: () => answer(() => l1.contract.assertions.isFinalizable(l1.head.timestamp)),
    stepCommittedAt: (commitment) => answer(() => l1.contract.commitments.get(commitment) ?? 0),
    creditOf: (who) => answer(() => l1.contract.assertions.credits.get(who) ?? 0n),
    submission: submissionOf,
    dryRun,
    nextNonce: () => answer(() => l1.nonceOf(account)),
    balance: () => answer(() => 10n ** 18n),
    send: (action, signal, nonce) => send(action, signal, nonce),
  };
  const chain: RollupChain = {
    chainId: deployment.chainId,
    contract: deployment.contract,
    connect: () =>
      answer(() => ({
        ...{ domain: domainOf(deployment), slotsPerChunk: profile.slotsPerChunk, maxChunks: profile.maxChunks },
        ...{ maxBatchAgeSeconds: QUEUE_TERMS.maxBatchAge, blobsAllowed: false },
      })),
    head: () => answer(() => l1.head),
    block: (number) => answer(() => l1.blocks[number]),
    finalState: (hash) =>
      answer(() => {
        const { number, priorityCount, transferToNewCount } = finals()[l1.progressAt(hash).finalCount - 1]!.header;
        return { number, priorityCount, transferToNewCount };
      }),
    queueState: (hash) =>
      answer(() => {
        const { requestedCount } = l1.progressAt(hash);
        const requests = l1.contract.queue.requests.slice(0, requestedCount);
        return { requestedCount, depositCount: requests.filter(({ fields }) => fields.kind === 4).length };
      }),
    deploymentFacts: () => answer(() => ({ priorityFee: 1n, tokenCount: 2, assertions: SIM_TERMS.address })),
    tokenFacts: (tokenId) =>
      answer(() => ({ address: `0x${String(tokenId).padStart(40, '0')}`, symbol: 'SIM', decimals: 0 })),
    destinationCount: (hash) => answer(() => l1.progressAt(hash).destinations),
    headerHash: (number) => answer(() => finals()[number]?.headerHash),
    priorityRequests: (from, to) => answer(() => within(l1.contract.queue.requests, from, to)),
    finalizedBatches: (from, to) => answer(() => within(finals(), from, to).map(told)),
    findBatch: (number, from, to) =>
      answer(() =>
        within(finals(), from, to)
          .map(told)
          .find(({ header }) => header.number === number),
      ),
    claims: (from, to) => answer(() => within(l1.contract.claims, from, to)),
    submission: (hash) => submissionOf<BatchSubmission>(hash),
    assertions: (from, to) => answer(() => events(from, to).filter((event) => event.type === 'asserted')),
    batchData: submissionOf,
    submitBatch: (submission, _, signal) => send({ type: 'submitFinal', submission }, signal),
    prices: () => answer(() => ({ feePerGas: 10n ** 9n, feePerBlobGas: undefined })),
    balance: () => answer(() => 10n ** 18n),
  };
  return { chain, assertions };
}
