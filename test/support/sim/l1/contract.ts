/**
 * The contracts of the simulated L1: rollup, queue, claims, and `Assertions` as its model has it that random plays hold against the
 * real one (test/support/play/model.ts). What contracts decide by cryptography is decided here by what is true.
 */

import type { AssertionEvent, ClaimedWithdrawal, FinalizedBatch } from '@quittance/chain';
import {
  assertionContent,
  type Bytes32,
  contentHash,
  type Deployment,
  encodeAbi,
  genesisHeader,
  keccak,
  type Profile,
  type StoredHeader,
} from '@quittance/protocol';
import { AssertionsModel, type ModelAssertion } from '../../play/model.ts';
import type { ExecutionContext } from '../ledger/execution.ts';
import { rootOf } from '../ledger/execution.ts';
import { hashOfHeader, readBatch, type Submission, type TakenBatch, type Truths } from './batches.ts';
import { type Execution, refuse, type SimCall } from './calls.ts';
import { type JudgeStep, judgeProof } from './proofs.ts';
import { SimQueue } from './queue.ts';

/** Optimistic mode: short, and longer than any outage of the simulator. */
export const SIM_TERMS = {
  address: '0x00000000000000000000000000000000000a55e7',
  challengePeriodSeconds: 240,
  answerWindowSeconds: 180,
  stepWindowSeconds: 150,
  assertionBond: 1_000n,
  disputeBond: 100n,
  maxPending: 6,
} as const;

export interface ContractOptions {
  readonly profile: Profile;
  readonly deployment: Deployment;
  readonly genesis: StoredHeader;
  /** Hash of block 0. */
  readonly genesisBlock: string;
  readonly context: ExecutionContext;
  readonly truths: Truths;
  readonly producers: ReadonlySet<string>;
  readonly judgeStep: JudgeStep;
}

/** A batch that is final. */
export interface FinalBatch extends FinalizedBatch {
  readonly taken: TakenBatch | undefined;
}

type Assertion = ModelAssertion<TakenBatch>;

/** An event without its place in the block. */
type Content<E> = E extends AssertionEvent
  ? Omit<E, 'transactionHash' | 'blockNumber' | 'blockHash' | 'logIndex'>
  : never;

/** The genesis of the world. */
export function simGenesis(startTime: number): StoredHeader {
  return genesisHeader(rootOf([]), startTime);
}

/** Everything on L1 after the transactions that it executed. */
export class Contract {
  readonly options: ContractOptions;
  readonly queue = new SimQueue();
  readonly finals: FinalBatch[];
  readonly assertions: AssertionsModel<TakenBatch>;
  readonly events: AssertionEvent[] = [];
  readonly claims: ClaimedWithdrawal[] = [];
  /** Each transaction that carried a batch. */
  readonly submissions = new Map<Bytes32, Submission>();
  readonly contents = new Map<bigint, Bytes32>();
  /** Tracked totals. */
  readonly held = new Map<number, bigint>();
  /** Block of each commitment to a step. */
  readonly commitments = new Map<Bytes32, number>();
  readonly answers = new Map<string, readonly Bytes32[]>();
  readonly collected = new Map<string, bigint>();
  destinations = 0;

  constructor(options: ContractOptions) {
    this.options = options;
    const { genesis: header, genesisBlock } = options;
    const hash = hashOfHeader(header);
    this.finals = [
      {
        header,
        headerHash: hash,
        transactionHash: genesisBlock,
        blockNumber: 0,
        blockHash: genesisBlock,
        taken: undefined,
      },
    ];
    const { challengePeriodSeconds, answerWindowSeconds, stepWindowSeconds, ...rest } = SIM_TERMS;
    const windows = {
      challengePeriod: challengePeriodSeconds,
      answerWindow: answerWindowSeconds,
      stepWindow: stepWindowSeconds,
    };
    this.assertions = new AssertionsModel<TakenBatch>({ ...rest, ...windows }, [hash]);
  }

  get last(): FinalBatch {
    return this.finals.at(-1)!;
  }

  #emit(event: Content<AssertionEvent>, { block, transactionHash }: Execution): void {
    const place = { transactionHash, blockNumber: block.number, blockHash: block.hash };
    this.events.push({ ...event, ...place, logIndex: this.events.length } as AssertionEvent);
  }

  #hold(token: number, change: bigint): void {
    this.held.set(token, (this.held.get(token) ?? 0n) + change);
  }

  #finish(taken: TakenBatch, { block, transactionHash }: Execution): void {
    const { header, headerHash: hash } = taken;
    this.finals.push({
      header,
      headerHash: hash,
      transactionHash,
      blockNumber: block.number,
      blockHash: block.hash,
      taken,
    });
    this.queue.finish(header.priorityCount, block.timestamp);
  }

  #read(submission: Submission, execution: Execution): TakenBatch {
    const { profile, truths, producers } = this.options;
    if (!producers.has(execution.sender)) refuse('NotProducer');
    return readBatch({ profile, queue: this.queue, truths }, submission, execution.block.timestamp);
  }

  #assertion(id: bigint): Assertion {
    return this.assertions.assertions[Number(id) - 1] ?? refuse('UnknownAssertion');
  }

  #named(id: bigint, hash: Bytes32): Assertion {
    const found = this.#assertion(id);
    if (found.built.headerHash !== hash) refuse('WrongAssertion');
    return found;
  }

  /** Executes a call, or reverts without a trace. @throws L1_REJECTED. */
  execute(call: SimCall, execution: Execution): void {
    const { sender, block, transactionHash } = execution;
    const now = block.timestamp;
    const model = this.assertions;
    const events = model.assertions.length;
    switch (call.type) {
      case 'deposit': {
        const wishes = call.deposits.map(({ keyY, owner, token, amount }) => {
          return { kind: 4 as const, from: 0, words: [keyY, owner + (BigInt(token) << 160n), amount] };
        });
        this.queue.append(wishes, execution);
        for (const { token, amount } of call.deposits) this.#hold(token, amount);
        return;
      }
      case 'requestExit':
        this.queue.append(
          [{ kind: 5, from: call.index, words: [0n, call.owner + (BigInt(call.token) << 160n), 0n] }],
          execution,
        );
        return;
      case 'registerDestination':
        this.destinations += 1;
        return;
      case 'claim': {
        const withdrawal = this.finals[call.batch]?.taken?.truth.withdrawals[call.index] ?? refuse('WrongWithdrawal');
        const { batch, index } = call;
        if (this.claims.some((claim) => claim.batch === batch && claim.index === index)) refuse('AlreadyClaimed');
        this.#hold(withdrawal.token, -withdrawal.amount);
        const place = { transactionHash, blockNumber: block.number, blockHash: block.hash };
        this.claims.push({ batch, index, destination: undefined, ...place });
        return;
      }
      case 'submitFinal': {
        const { submission } = call;
        if (submission.number !== this.last.header.number + 1) refuse('WrongBatchNumber');
        if (hashOfHeader(submission.parent) !== this.last.headerHash) refuse('WrongParent');
        const taken = this.#read(submission, execution);
        if (!judgeProof(submission, submission.proofs, 0) || taken.truth.lie !== undefined) refuse('InvalidProof');
        if (!model.submitFinal(taken, sender)) refuse('WrongParent');
        this.submissions.set(transactionHash, submission);
        this.#finish(taken, execution);
        return;
      }
      case 'assertBatch': {
        const tip = model.waiting.at(-1)?.built ?? this.last;
        if (hashOfHeader(call.submission.parent) !== tip.headerHash) refuse('WrongParent');
        if (call.submission.number !== tip.header.number + 1) refuse('WrongBatchNumber');
        const taken = this.#read(call.submission, execution);
        if (!model.assertBatch(taken, sender, now, false)) refuse('TooManyPending');
        this.submissions.set(transactionHash, call.submission);
        const id = BigInt(events + 1);
        const { deployment, profile, truths } = this.options;
        const { submission } = call;
        const compute = () => contentHash(assertionContent(deployment, profile.slotsPerChunk, submission));
        this.contents.set(id, truths.contentOf(submission, compute));
        const { header, headerHash: hash } = taken;
        this.#emit(
          { type: 'asserted', assertionId: id, headerHash: hash, asserter: sender, isProven: false, header },
          execution,
        );
        return;
      }
      case 'submitProofs': {
        const { assertionId, firstChunk, proofs } = call;
        const found = this.#assertion(assertionId);
        if (found.status !== 'waiting') refuse('AssertionNotPending');
        const { submission, truth } = found.built;
        const isTrue = truth.lie === undefined || truth.lie.chunk >= firstChunk + proofs.length;
        if (!isTrue || !judgeProof(submission, proofs, firstChunk)) refuse('InvalidProof');
        if (!model.submitProofs(found, firstChunk, proofs.length)) refuse('AssertionNotPending');
        this.#emit({ type: 'chunksProven', assertionId, firstChunk, count: proofs.length }, execution);
        return;
      }
      case 'finalizeBatches': {
        const isInOrder = call.headers.every((header, position) => {
          return model.waiting[position]?.built.headerHash === hashOfHeader(header);
        });
        if (!isInOrder) refuse('WrongAssertion');
        const bonded = call.headers.map((_, position) => model.waiting[position]!.hasBond);
        const done = model.finalizeBatches(call.headers.length, now) ?? refuse('TooEarly');
        for (const [position, assertion] of done.entries()) {
          if (bonded[position]) this.#emit({ type: 'bondReleased', assertionId: assertion.id }, execution);
          this.#finish(assertion.built, execution);
        }
        return;
      }
      default:
        this.#dispute(call, execution);
    }
  }

  #dispute(call: SimCall, execution: Execution): void {
    const { sender, block } = execution;
    const now = block.timestamp;
    const model = this.assertions;
    switch (call.type) {
      case 'openDispute': {
        const { assertionId, chunk } = call;
        const found = this.#named(assertionId, call.headerHash);
        if (found.chunks[chunk] === undefined) refuse('ChunkOutOfRange');
        if (!model.openDispute(found, chunk, sender, now)) refuse('TooLate');
        const disputeId = BigInt(model.disputes.length);
        this.#emit({ type: 'disputed', disputeId, assertionId, chunk, disputer: sender }, execution);
        return;
      }
      case 'answerDispute': {
        const { assertionId, chunk, commitments } = call;
        const found = this.#named(assertionId, call.headerHash);
        if (commitments.length !== this.options.profile.slotsPerChunk - 1) refuse('WrongListLength');
        if (!model.answerDispute(found, chunk, sender, now)) refuse('AlreadyAnswered');
        this.answers.set(`${assertionId}:${chunk}`, commitments);
        this.#emit({ type: 'answered', assertionId, chunk, commitments }, execution);
        return;
      }
      case 'commitStep':
        if (!this.commitments.has(call.commitment)) this.commitments.set(call.commitment, block.number);
        this.#emit({ type: 'stepCommitted', commitment: call.commitment, sender }, execution);
        return;
      case 'proveStep': {
        const { assertionId, chunk, slot } = call.proof;
        const found = this.#assertion(assertionId);
        const answer = this.answers.get(`${assertionId}:${chunk}`) ?? refuse('ChunkNotAnswered');
        const outcome = this.options.judgeStep(found.built, call.proof, answer, sender);
        const committedAt = this.commitments.get(outcome.commitment) ?? refuse('NotCommitted');
        if (committedAt >= block.number) refuse('CommittedTooLate');
        if (!model.proveStep(found, chunk, outcome.isFraud, sender)) refuse('NoFraud');
        this.#emit({ type: 'stepProven', assertionId, chunk, slot, result: outcome.result }, execution);
        this.#reject(found, sender, false, execution);
        return;
      }
      case 'rejectUnanswered': {
        const found = this.#assertion(call.assertionId);
        const winner = found.chunks[call.chunk]?.disputes[0]?.disputer ?? refuse('ChunkNotDisputed');
        if (!model.rejectUnanswered(found, call.chunk, now)) refuse('TooEarly');
        this.#reject(found, winner, true, execution);
        return;
      }
      case 'settleDispute': {
        const found = model.disputes[Number(call.disputeId) - 1] ?? refuse('DisputeNotOpen');
        const before = model.credits.get(found.disputer) ?? 0n;
        if (!model.settleDispute(found, now)) refuse('DisputeRuns');
        const isLost = (model.credits.get(found.disputer) ?? 0n) === before;
        this.#emit({ type: 'disputeSettled', disputeId: call.disputeId, isLost }, execution);
        return;
      }
      case 'releaseBond': {
        const found = this.#assertion(call.assertionId);
        const { burned } = model;
        if (!model.releaseBond(found)) refuse('NoBond');
        const type = model.burned > burned ? 'bondForfeited' : 'bondReleased';
        this.#emit({ type, assertionId: call.assertionId }, execution);
        return;
      }
      case 'collectCredit': {
        const credit = model.collectCredit(sender);
        if (credit === 0n) refuse('NoCredit');
        this.collected.set(sender, (this.collected.get(sender) ?? 0n) + credit);
        return;
      }
      default:
        throw new Error(`nobody in the simulator calls ${call.type}`);
    }
  }

  #reject({ id, built }: Assertion, winner: string, unanswered: boolean, execution: Execution): void {
    this.#emit({ type: 'rejected', assertionId: id, number: built.header.number, winner, unanswered }, execution);
  }

  /** What the contract keeps of an answer. */
  answerHash(id: bigint, chunk: number): Bytes32 {
    const answer = this.answers.get(`${id}:${chunk}`);
    return answer === undefined ? `0x${'00'.repeat(32)}` : keccak(encodeAbi([answer]));
  }
}
