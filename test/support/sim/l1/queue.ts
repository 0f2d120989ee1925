/** The priority queue of the simulated L1 and its deadlines. Source: docs/protocol.md, Priority queue. */

import type { PriorityRequest } from '@quittance/chain';
import { kindOf, type SimRecord } from '../ledger/records.ts';
import { type Execution, refuse } from './calls.ts';

/** Seconds. A day of the simulator is an hour long. */
export const QUEUE_TERMS = { delay: 1_200, interval: 10, exodusDelay: 4_800, maxBatchAge: 3_600 } as const;

/** Most operations that one batch has to execute. */
const LARGEST_GROUP = 128;

/** An operation as it stands in the queue. */
export interface QueuedRequest extends PriorityRequest {
  /** As it is now; `deadline` is what the event says. */
  due: number;
}

/** What somebody wants to have executed. */
export interface QueuedWish {
  readonly kind: 4 | 5;
  readonly from: number;
  readonly words: readonly bigint[];
}

export class SimQueue {
  readonly requests: QueuedRequest[] = [];
  /** Executed by final batches. */
  executed = 0;

  /** The oldest operation that no final batch has executed. */
  get oldest(): QueuedRequest | undefined {
    return this.requests[this.executed];
  }

  append(wishes: readonly QueuedWish[], { block, transactionHash }: Execution): void {
    const { delay, interval } = QUEUE_TERMS;
    const groupStart = this.requests.length;
    const last = this.requests.at(-1)?.due ?? 0;
    const due = Math.max(block.timestamp + delay, last + wishes.length * interval);
    for (const { kind, from, words } of wishes) {
      this.requests.push({
        ...{ queueIndex: this.requests.length, groupStart, groupSize: wishes.length, words, fee: 1n, due },
        fields: { kind, from, to: 0, amountFloat: 0n, feeFloat: 0 },
        ...{ deadline: block.timestamp + delay, transactionHash, blockNumber: block.number, blockHash: block.hash },
      });
    }
  }

  /** @param executed by the parent. @throws L1_REJECTED unless a batch of this time may execute these next. */
  judge(executed: number, records: readonly SimRecord[], time: number, slots: number): void {
    for (const [position, record] of records.entries()) {
      const expected = this.requests[executed + position] ?? refuse('PriorityNotRequested');
      const isDeposit = kindOf(record) === 4;
      const words = isDeposit ? [0, 1, 2] : [0, 1];
      const isSame =
        kindOf(record) === expected.fields.kind &&
        (isDeposit || Number((record.record >> 88n) & 0xffff_ffffn) === expected.fields.from) &&
        words.every((word) => record.words[word] === expected.words[word]);
      if (!isSame) refuse('WrongPriorityOperations');
    }
    const next = this.requests[executed + records.length];
    if (next === undefined) return;
    if (next.groupStart !== next.queueIndex) refuse('GroupCut');
    const hasRoom = records.length + next.groupSize <= Math.min(slots, LARGEST_GROUP);
    if (next.due <= time && hasRoom) refuse('OverdueOperationSkipped', { operationId: next.queueIndex });
  }

  /** A final batch executed operations up to `executed` at `time`. */
  finish(executed: number, time: number): void {
    if (executed === this.executed) return;
    this.executed = executed;
    const early = (this.oldest?.due ?? 0) - (time + QUEUE_TERMS.delay);
    if (early <= 0) return;
    for (const request of this.requests.slice(executed)) request.due -= early;
  }
}
