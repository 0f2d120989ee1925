/**
 * What should be true of Assertions: docs/protocol.md, Optimistic mode, in plain lists and nothing lazy.
 *
 * Each call says whether L1 must take it at that time, and does what it does if so. It shares no code with the contract and
 * no idea with it either: the contract computes what became of a batch when somebody asks, this writes it down at once.
 */

import type { Bytes32 } from '@quittance/protocol';
import type { BuiltAssertion } from '../optimistic/asserted-batch.ts';

export interface ModelRules {
  readonly challengePeriod: number;
  readonly answerWindow: number;
  readonly stepWindow: number;
  readonly assertionBond: bigint;
  readonly disputeBond: bigint;
  readonly maxPending: number;
}

/** As much of a batch as the rules look at. */
export type ModelBatch = Pick<BuiltAssertion, 'header' | 'headerHash'> & { readonly chunks: readonly unknown[] };

export interface ModelDispute<Batch extends ModelBatch = BuiltAssertion> {
  readonly id: bigint;
  readonly assertion: ModelAssertion<Batch>;
  readonly chunk: number;
  readonly disputer: string;
  readonly openedAt: number;
  isSettled: boolean;
}

export interface ModelChunk<Batch extends ModelBatch = BuiltAssertion> {
  isProven: boolean;
  answeredAt?: number;
  readonly disputes: ModelDispute<Batch>[];
}

export interface ModelAssertion<Batch extends ModelBatch = BuiltAssertion> {
  readonly id: bigint;
  readonly built: Batch;
  readonly asserter: string;
  readonly assertedAt: number;
  readonly chunks: readonly ModelChunk<Batch>[];
  /** Came with proofs, and keeps no content that more proofs could be checked against. */
  readonly cameProven: boolean;
  status: 'waiting' | 'final' | 'removed' | 'rejected';
  hasBond: boolean;
  /** Its asserter overtook it, or a batch that it stands on, by a proof of its own. */
  isOvertakenByOwn: boolean;
}

export class AssertionsModel<Batch extends ModelBatch = BuiltAssertion> {
  readonly rules: ModelRules;
  readonly assertions: ModelAssertion<Batch>[] = [];
  readonly disputes: ModelDispute<Batch>[] = [];
  readonly credits = new Map<string, bigint>();
  /** Hashes of the final headers, by number. */
  readonly finals: Bytes32[];
  waiting: ModelAssertion<Batch>[] = [];
  burned = 0n;
  isExodus = false;

  constructor(rules: ModelRules, finals: readonly Bytes32[]) {
    this.rules = rules;
    this.finals = [...finals];
  }

  /** What the contract must hold. */
  get balance(): bigint {
    const bonds = this.assertions.filter(({ hasBond }) => hasBond).length;
    const open = this.disputes.filter(({ isSettled }) => !isSettled).length;
    const credits = [...this.credits.values()].reduce((sum, credit) => sum + credit, 0n);
    return BigInt(bonds) * this.rules.assertionBond + BigInt(open) * this.rules.disputeBond + credits;
  }

  assertBatch(built: Batch, asserter: string, now: number, isProven: boolean): boolean {
    const tip = this.waiting.at(-1)?.built.headerHash ?? this.finals.at(-1);
    // Proven batches take no place, but one must wait before them.
    const withBond = this.waiting.filter(({ cameProven }) => !cameProven).length;
    const hasPlace = isProven ? this.waiting.length > 0 : withBond < this.rules.maxPending;
    if (this.isExodus || !hasPlace || built.header.parentHash !== tip) return false;
    const chunks = built.chunks.map((): ModelChunk<Batch> => ({ isProven, disputes: [] }));
    const id = BigInt(this.assertions.length + 1);
    const assertion: ModelAssertion<Batch> = {
      id,
      built,
      asserter,
      assertedAt: now,
      chunks,
      cameProven: isProven,
      status: 'waiting',
      hasBond: !isProven,
      isOvertakenByOwn: false,
    };
    this.assertions.push(assertion);
    this.waiting.push(assertion);
    return true;
  }

  /** A proof made a batch final in the rollup. */
  submitFinal({ header, headerHash }: Batch, producer: string): boolean {
    if (this.isExodus || header.parentHash !== this.finals.at(-1)) return false;
    this.finals.push(headerHash);
    if (this.waiting[0]?.built.headerHash !== headerHash) {
      if (this.waiting.length > 0) {
        const { id: overtaken } = this.waiting[0]!;
        const own = this.assertions.filter(({ id, asserter }) => id >= overtaken && asserter === producer);
        for (const assertion of own) assertion.isOvertakenByOwn = true;
      }
      this.#remove(0);
      return true;
    }
    // It was the same batch: all its chunks are proven by that.
    const same = this.waiting.shift()!;
    same.status = 'final';
    for (const chunk of same.chunks) chunk.isProven = true;
    return true;
  }

  submitProofs(assertion: ModelAssertion<Batch>, first: number, count: number): boolean {
    const { status, cameProven, chunks } = assertion;
    if (status !== 'waiting' || cameProven || first + count > chunks.length) return false;
    for (const chunk of chunks.slice(first, first + count)) chunk.isProven = true;
    return true;
  }

  openDispute(assertion: ModelAssertion<Batch>, chunk: number, disputer: string, now: number): boolean {
    const { status, assertedAt, chunks } = assertion;
    const isInTime = now <= assertedAt + this.rules.challengePeriod;
    if (status !== 'waiting' || !isInTime || chunks[chunk]!.isProven) return false;
    const id = BigInt(this.disputes.length + 1);
    const dispute = { id, assertion, chunk, disputer, openedAt: now, isSettled: false };
    this.disputes.push(dispute);
    chunks[chunk]!.disputes.push(dispute);
    return true;
  }

  answerDispute(assertion: ModelAssertion<Batch>, chunkIndex: number, sender: string, now: number): boolean {
    const chunk = assertion.chunks[chunkIndex]!;
    const [first] = chunk.disputes;
    const isOpen = assertion.status === 'waiting' && first !== undefined && !chunk.isProven;
    if (!isOpen || chunk.answeredAt !== undefined || sender !== assertion.asserter) return false;
    if (now > first.openedAt + this.rules.answerWindow) return false;
    chunk.answeredAt = now;
    return true;
  }

  rejectUnanswered(assertion: ModelAssertion<Batch>, chunkIndex: number, now: number): boolean {
    const { isProven, answeredAt, disputes } = assertion.chunks[chunkIndex]!;
    const [first] = disputes;
    if (assertion.status !== 'waiting' || first === undefined || isProven || answeredAt !== undefined) return false;
    if (now <= first.openedAt + this.rules.answerWindow) return false;
    this.#reject(assertion, first.disputer);
    return true;
  }

  proveStep(assertion: ModelAssertion<Batch>, chunkIndex: number, isFraud: boolean, prover: string): boolean {
    const { isProven, answeredAt } = assertion.chunks[chunkIndex]!;
    if (assertion.status !== 'waiting' || isProven || answeredAt === undefined || !isFraud) return false;
    this.#reject(assertion, prover);
    return true;
  }

  /** The last second in which its own conditions are not met; undefined while a disputed chunk has no answer. */
  ripeAt({ assertedAt, chunks }: ModelAssertion<Batch>): number | undefined {
    const { challengePeriod, stepWindow } = this.rules;
    if (chunks.every(({ isProven }) => isProven)) return 0;
    const open = chunks.filter(({ isProven, disputes }) => !isProven && disputes.length > 0);
    const ends = open.map(({ answeredAt, disputes }) =>
      answeredAt === undefined ? undefined : Math.max(answeredAt, disputes.at(-1)!.openedAt) + stepWindow,
    );
    if (ends.includes(undefined)) return undefined;
    return Math.max(assertedAt + challengePeriod, ...(ends as number[]));
  }

  /** Whether its own conditions are met; those before it in the chain have theirs. */
  isRipe(assertion: ModelAssertion<Batch>, now: number): boolean {
    const ripeAt = this.ripeAt(assertion);
    return ripeAt !== undefined && now > ripeAt;
  }

  isFinalizable(now: number): boolean {
    return this.waiting[0] !== undefined && this.isRipe(this.waiting[0], now);
  }

  finalizeBatches(count: number, now: number): ModelAssertion<Batch>[] | undefined {
    const batches = this.waiting.slice(0, count);
    if (batches.length < count || !batches.every((assertion) => this.isRipe(assertion, now))) return undefined;
    this.waiting = this.waiting.slice(count);
    for (const assertion of batches) {
      assertion.status = 'final';
      this.finals.push(assertion.built.headerHash);
      this.#release(assertion);
    }
    return batches;
  }

  settleDispute(dispute: ModelDispute<Batch>, now: number): boolean {
    const { assertion, chunk, openedAt } = dispute;
    const { answeredAt, isProven } = assertion.chunks[chunk]!;
    if (dispute.isSettled) return false;
    const isOver = assertion.status === 'rejected' || assertion.status === 'removed' || isProven;
    const isLost = !isOver && answeredAt !== undefined && now > Math.max(answeredAt, openedAt) + this.rules.stepWindow;
    if (!isOver && !isLost) return false;
    dispute.isSettled = true;
    if (isLost) this.#split(this.rules.disputeBond, assertion.asserter);
    else this.#credit(dispute.disputer, this.rules.disputeBond);
    return true;
  }

  releaseBond(assertion: ModelAssertion<Batch>): boolean {
    if (assertion.status === 'waiting' || !assertion.hasBond) return false;
    if (assertion.isOvertakenByOwn && !this.#becameFinal(assertion)) {
      assertion.hasBond = false;
      this.burned += this.rules.assertionBond;
    } else this.#release(assertion);
    return true;
  }

  collectCredit(account: string): bigint {
    const credit = this.credits.get(account) ?? 0n;
    this.credits.delete(account);
    return credit;
  }

  /** @param isDue an operation is overdue for long enough. */
  activateExodus(isDue: boolean, now: number): boolean {
    if (this.isExodus || !isDue || this.isFinalizable(now)) return false;
    this.isExodus = true;
    this.#remove(0);
    return true;
  }

  /** Whether its batch is final, and no newer assertion had its number. */
  #becameFinal({ id, built: { header, headerHash } }: ModelAssertion<Batch>): boolean {
    const isNewest = !this.assertions.some((other) => other.id > id && other.built.header.number === header.number);
    return isNewest && this.finals[header.number] === headerHash;
  }

  #remove(position: number): void {
    for (const assertion of this.waiting.splice(position)) assertion.status = 'removed';
  }

  #reject(assertion: ModelAssertion<Batch>, winner: string): void {
    this.#remove(this.waiting.indexOf(assertion));
    assertion.status = 'rejected';
    assertion.hasBond = false;
    this.#split(this.rules.assertionBond, winner);
  }

  #release(assertion: ModelAssertion<Batch>): void {
    if (!assertion.hasBond) return;
    assertion.hasBond = false;
    this.#credit(assertion.asserter, this.rules.assertionBond);
  }

  /** Half to somebody, rounded down; the rest burns. */
  #split(bond: bigint, account: string): void {
    this.#credit(account, bond / 2n);
    this.burned += bond - bond / 2n;
  }

  #credit(account: string, amount: bigint): void {
    this.credits.set(account, (this.credits.get(account) ?? 0n) + amount);
  }
}
