/** What must hold after each step, whatever happened: docs/protocol.md, Invariants, and what processes promise. */

import type { AssertionEvent } from '@quittance/chain';
import { L1 } from './cast.ts';
import { QUEUE_TERMS } from './l1/queue.ts';
import { requireThat } from './ledger/violation.ts';
import { NodeInvariants } from './node-invariants.ts';
import type { World } from './world.ts';

/** What has been seen so far, and is looked at once. */
export class Invariants {
  readonly #world: World;
  readonly #nodes: readonly NodeInvariants[];

  constructor(world: World) {
    this.#world = world;
    this.#nodes = world.nodes.map((node, position) => new NodeInvariants(world, node, world.mirrors[position]!));
  }

  check(): void {
    const { failure } = this.#world;
    if (failure !== undefined) throw failure;
    this.#money();
    this.#l1();
    for (const node of this.#nodes) node.check();
    this.#world.takenBackFrom = undefined;
  }

  /** 1: what L1 holds is balances, waiting deposits and unpaid withdrawals. */
  #money(): void {
    const { contract, options } = this.#world.l1;
    const { last, queue, finals, claims, held } = contract;
    const state = options.truths.stateAfter(last.headerHash);
    requireThat(state !== undefined, () => `final batch ${last.header.number} is a lie`);
    const owed = new Map<number, bigint>();
    const owe = (token: number, amount: bigint): void => void owed.set(token, (owed.get(token) ?? 0n) + amount);
    for (const { token, balance } of state!) owe(Number(token), balance);
    for (const { fields, words } of queue.requests.slice(queue.executed)) {
      if (fields.kind === 4) owe(Number(words[1]! >> 160n), words[2]!);
    }
    const paid = new Set(claims.map(({ batch, index }) => `${batch}:${index}`));
    for (const { header, taken } of finals) {
      for (const [index, { token, amount }] of (taken?.truth.withdrawals ?? []).entries()) {
        if (!paid.has(`${header.number}:${index}`)) owe(token, amount);
      }
    }
    for (const [token, amount] of held) {
      requireThat(
        owed.get(token) === amount,
        () => `L1 holds ${amount} of token ${token}, and owes ${owed.get(token)}`,
      );
    }
  }

  /** 3, 4: no lie is final, no honest bond is lost, and the queue is served. */
  #l1(): void {
    const { contract, head } = this.#world.l1;
    const { assertions, events, queue, last } = contract;
    requireThat(last.taken?.truth.lie === undefined, () => `final batch ${last.header.number} is a lie`);
    for (const { asserter, status, built } of assertions.assertions) {
      const isHonest = built.truth.lie === undefined;
      requireThat(
        !(isHonest && status === 'rejected'),
        () => `the true batch ${built.header.number} of ${asserter} was rejected`,
      );
      requireThat(isHonest || status !== 'final', () => `a lie about batch ${built.header.number} became final`);
    }
    const lost = events.find((event) => event.type === 'disputeSettled' && event.isLost && this.#isHonest(event));
    requireThat(lost === undefined, () => 'a dispute of a lie lost its bond');
    requireThat(!events.some(({ type }) => type === 'bondForfeited'), () => 'a producer lost its bond to itself');
    const { oldest } = queue;
    requireThat(
      oldest === undefined || head.timestamp <= oldest.due + QUEUE_TERMS.exodusDelay,
      () => `operation ${oldest!.queueIndex} is overdue: the exodus opens`,
    );
  }

  /** Whether the dispute was one of a lie, by the challenger. */
  #isHonest(event: AssertionEvent): boolean {
    if (event.type !== 'disputeSettled') return false;
    const dispute = this.#world.l1.contract.assertions.disputes[Number(event.disputeId) - 1];
    return dispute !== undefined && dispute.disputer === L1.challenger;
  }

  /** After the world has come to rest: every acknowledged transfer has its end, on every node. */
  checkEnd(): void {
    const onL1 = new Set<bigint>();
    for (const { taken } of this.#world.l1.contract.finals) {
      for (const { id } of taken?.truth.transfers ?? []) {
        requireThat(!onL1.has(id), () => `transfer ${id} is on L1 twice`);
        onL1.add(id);
      }
    }
    for (const node of this.#nodes) node.checkEnd(onL1);
  }
}
