/** A producer that asserts what is not so, on whatever waits, and answers disputes of it or does not; and who disputes what is so. */

import type { AssertionSubmission } from '@quittance/chain';
import { type Bytes32, encodeRecord, encodeWords, keccak, stepCommitment, unpackFeeTokens } from '@quittance/protocol';
import { ReferenceModel } from '../../rollup/reference-model.ts';
import { L1 } from '../cast.ts';
import { simHasher } from '../crypto.ts';
import { SIM_TERMS } from '../l1/contract.ts';
import { executeBatch, rootOf, type State, type StepTruth } from '../ledger/execution.ts';
import type { Stage } from '../stage.ts';
import { SIM_PROFILE } from './node.ts';

export const LIES = ['root', 'forged', 'overdrawn'] as const;
export type LieKind = (typeof LIES)[number];

const ANSWERS = ['never', 'true', 'shifted'] as const;

const FILLERS = 2n ** 32n;
const NO_FEE_TOKENS = FILLERS | (FILLERS << 33n) | (FILLERS << 66n) | (FILLERS << 99n);

/** Blocks of 31 bytes. */
function dataOf(records: readonly bigint[]): Uint8Array {
  const blocks = Array.from(
    { length: records.length / 2 },
    (_, block) => (records[2 * block]! << 124n) | records[2 * block + 1]!,
  );
  return Buffer.from(blocks.map((block) => block.toString(16).padStart(62, '0')).join(''), 'hex');
}

const commitmentOf = (records: readonly bigint[]): bigint =>
  records.reduce((commitment, record) => simHasher.hash([commitment, record, 0n, 0n, 0n]), 0n);

/** A transfer that nobody signed. */
function stolen(state: State, amountOf: (balance: bigint) => bigint): bigint | undefined {
  const payer = state.find(({ balance }) => balance > 10n);
  const payee = state.find(({ index, token }) => index !== payer?.index && token === payer?.token);
  if (payer === undefined || payee === undefined) return undefined;
  const amountFloat = amountOf(payer.balance) % 2n ** 35n;
  return encodeRecord({ kind: 1, from: payer.index, to: payee.index, amountFloat, feeFloat: 0 });
}

/** After the records, whoever signed them. */
function rootAfter(state: State, records: readonly bigint[]): bigint {
  const oracle = {
    hash: simHasher.hash,
    isOnCurve: () => true,
    multiply: () => ({ x: 1n, y: 2n }),
    verify: () => true,
  };
  const model = new ReferenceModel(oracle as never, 0n, 0n, [FILLERS, FILLERS, FILLERS, FILLERS]);
  model.accounts = [...state];
  const authorization = { validUntil: 0n, keyX: 1n, r8x: 1n, r8y: 1n, s: 1n };
  for (const record of records) model.execute({ record, words: [], authorization });
  return model.root();
}

export class Liar {
  readonly #world: Stage;
  readonly #answered = new Set<string>();

  constructor(world: Stage) {
    this.#world = world;
  }

  /** Asserts a lie on the tip of what waits. */
  lie(kind: LieKind): void {
    const { l1, note, clock } = this.#world;
    const { assertions, last, queue, options } = l1.contract;
    const tip = assertions.waiting.at(-1)?.built ?? last;
    const state = options.truths.stateAfter(tip.headerHash);
    const overdue = queue.requests[tip.header.priorityCount];
    const time = Math.max(tip.header.time, Math.min(l1.head.timestamp, Math.floor(clock.nowMs() / 1_000)));
    if (state === undefined || assertions.waiting.length >= SIM_TERMS.maxPending || (overdue?.due ?? time + 1) <= time)
      return;
    const theft =
      kind === 'root' ? 0n : stolen(state, (balance) => (kind === 'forged' ? balance / 2n : balance + 1_000_000n));
    if (theft === undefined) return;
    const records = [theft, ...Array.from({ length: SIM_PROFILE.slotsPerChunk - 1 }, () => 0n)];
    const claimed = kind === 'forged' ? rootAfter(state, records) : rootOf(state);
    const submission: AssertionSubmission = {
      ...{ parent: tip.header, number: tip.header.number + 1, time, form: 'calldata', blobHashes: [] },
      roots: [tip.header.stateRoot, kind === 'root' ? claimed ^ 1n : claimed],
      ...{ commitments: [commitmentOf(records)], feeTokens: [NO_FEE_TOKENS], chunks: [dataOf(records)] },
      ...{ visible: [new Uint8Array()], authorizations: [new Uint8Array(kind === 'root' ? 0 : 69)] },
    };
    note(`liar asserts batch ${submission.number}: ${kind}`);
    this.#world.callAs(L1.liar, { type: 'assertBatch', submission });
  }

  /** Answers disputes of its own, each once. */
  answer(): void {
    const { l1, random } = this.#world;
    for (const { id, asserter, built, chunks, status } of l1.contract.assertions.assertions) {
      if (asserter !== L1.liar || status !== 'waiting' || chunks[0]!.disputes.length === 0) continue;
      const key = `${id}:${built.headerHash}`;
      if (this.#answered.has(key)) continue;
      this.#answered.add(key);
      const how = random.pick(ANSWERS);
      if (how === 'never') continue;
      const commitments = this.#commitments(built.submission, built.truth.before, how);
      const { headerHash } = built;
      this.#world.note(`liar answers ${id}: ${how}`);
      this.#world.callAs(L1.liar, { type: 'answerDispute', assertionId: id, headerHash, chunk: 0, commitments });
    }
  }

  #commitments(
    submission: AssertionSubmission | { readonly roots: readonly bigint[] },
    before: State,
    how: string,
  ): Bytes32[] {
    const batch = submission as AssertionSubmission;
    const steps: StepTruth[] = [];
    executeBatch(this.#world.context, before, batch, (_, __, step) => steps.push(step()));
    const feeTokens = unpackFeeTokens(batch.feeTokens[0]!);
    const last = steps.at(-1) ?? { root: batch.roots[0]!, fees: [0n, 0n, 0n, 0n], visibleCount: 0 };
    const from = this.#world.random.below(SIM_PROFILE.slotsPerChunk - 1);
    return Array.from({ length: SIM_PROFILE.slotsPerChunk - 1 }, (_, slot) => {
      if (how === 'shifted' && slot >= from) return keccak(encodeWords([slot]));
      const { root, fees, visibleCount } = steps[slot] ?? last;
      return stepCommitment({ stateRoot: root, fees, visibleCount }, feeTokens);
    });
  }

  /** Disputes something that is right. */
  harass(): void {
    const { l1, random, note } = this.#world;
    const honest = l1.contract.assertions.waiting.filter(({ built }) => built.truth.lie === undefined);
    if (honest.length === 0) return;
    const { id, built, chunks } = random.pick(honest);
    const chunk = random.below(chunks.length);
    note(`griefer disputes ${id}`);
    this.#world.callAs(L1.griefer, { type: 'openDispute', assertionId: id, headerHash: built.headerHash, chunk });
  }
}
