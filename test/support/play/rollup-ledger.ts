/** What the rollup owes while batches wait, are removed and become final: the queue, final balances, withdrawals, fees. */

import { RecordKind, RollupState, type StoredHeader } from '@quittance/protocol';
import type { BuiltAssertion, Tip } from '../optimistic/asserted-batch.ts';
import type { QueuedOperation } from '../optimistic/random-batches.ts';
import { portableCrypto } from '../rollup/world.ts';

/** A final batch and which of its withdrawals are not paid. */
export interface FinalBatch {
  readonly built: BuiltAssertion;
  readonly unclaimed: Set<number>;
}

export class RollupLedger {
  readonly queue: QueuedOperation[] = [];
  readonly finals: FinalBatch[] = [];
  /** Fees that producers can collect. */
  readonly fees = new Map<string, bigint>();
  readonly #fee: bigint;
  readonly #delay: number;
  tip: Tip;

  constructor(genesis: StoredHeader, priorityFee: bigint, priorityDelay: number) {
    this.#fee = priorityFee;
    this.#delay = priorityDelay;
    this.tip = { header: genesis, state: new RollupState(portableCrypto.hasher) };
  }

  /** The first operation that no final batch has executed. */
  get oldest(): QueuedOperation | undefined {
    return this.queue[this.tip.header.priorityCount];
  }

  /** Only from now on its operations are executed, its withdrawals owed and its fees earned. */
  becomeFinal(built: BuiltAssertion, producer: string, time: number): void {
    const executed = built.header.priorityCount - this.tip.header.priorityCount;
    if (executed > 0) this.fees.set(producer, (this.fees.get(producer) ?? 0n) + BigInt(executed) * this.#fee);
    this.tip = built;
    if (executed > 0) this.#bringForward(time);
    if (built.withdrawals.length > 0) this.finals.push({ built, unclaimed: new Set(built.withdrawals.keys()) });
  }

  /** What is left of the queue moves together: its first operation is due the delay from now at the latest. */
  #bringForward(time: number): void {
    const early = (this.oldest?.deadline ?? 0) - (time + this.#delay);
    if (early <= 0) return;
    for (const operation of this.queue.slice(this.tip.header.priorityCount)) operation.deadline -= early;
  }

  /** Balances, waiting deposits and unclaimed withdrawals of a token. */
  total(tokenId: number): bigint {
    const isOf = (ownerAndToken: bigint) => Number(ownerAndToken >> 160n) === tokenId;
    const { state, header } = this.tip;
    const balances = [...state.accounts()]
      .filter(([, account]) => account.tokenId === tokenId)
      .map(([, { balance }]) => balance);
    const deposits = this.queue
      .slice(header.priorityCount)
      .filter(({ operation: { fields, words } }) => fields.kind === RecordKind.deposit && isOf(words[1]!))
      .map(({ operation }) => operation.words[2]!);
    const withdrawals = this.finals
      .flatMap(({ built, unclaimed }) => [...unclaimed].map((index) => built.withdrawals[index]!))
      .filter(({ ownerAndToken }) => isOf(ownerAndToken))
      .map(({ amount }) => amount);
    return [...balances, ...deposits, ...withdrawals].reduce((sum, amount) => sum + amount, 0n);
  }

  /** Fees of operations that wait, and of executed ones that nobody has collected. */
  unpaidFees(): bigint {
    const waiting = this.queue.length - this.tip.header.priorityCount;
    return [...this.fees.values()].reduce((sum, fee) => sum + fee, BigInt(waiting) * this.#fee);
  }
}
