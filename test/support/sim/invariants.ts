/** What must hold after each step, whatever happened: docs/protocol.md, Invariants, and what processes promise. */

import type { AssertionEvent } from '@quittance/chain';
import type { Storage } from '../../../storage/index.ts';
import { L1 } from './cast.ts';
import { QUEUE_TERMS } from './l1/queue.ts';
import { Violation } from './ledger/violation.ts';
import type { World } from './world.ts';

function require(holds: boolean, message: () => string): void {
  if (!holds) throw new Violation(message());
}

/** A batch that the node called final. */
interface KnownFinal {
  readonly headerHash: string;
  /** On L1. */
  readonly blockNumber: number;
  /** A deep reorg took it, and it is not on L1 again. */
  readonly isUndone: boolean;
}

/** What has been seen so far, and is looked at once. */
export class Invariants {
  readonly #world: World;
  /** Header hashes that the node called final, by number. */
  readonly #finals: (KnownFinal | undefined)[] = [];
  #life = 0;
  #mirrored = '';

  constructor(world: World) {
    this.#world = world;
  }

  check(): void {
    const { failure } = this.#world;
    if (failure !== undefined) throw failure;
    this.#money();
    this.#l1();
    this.#node();
  }

  /** 1: what L1 holds is balances, waiting deposits and unpaid withdrawals. */
  #money(): void {
    const { contract, options } = this.#world.l1;
    const { last, queue, finals, claims, held } = contract;
    const state = options.truths.stateAfter(last.headerHash);
    require(state !== undefined, () => `final batch ${last.header.number} is a lie`);
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
      require(owed.get(token) === amount, () => `L1 holds ${amount} of token ${token}, and owes ${owed.get(token)}`);
    }
  }

  /** 3, 4: no lie is final, no honest bond is lost, and the queue is served. */
  #l1(): void {
    const { contract, head } = this.#world.l1;
    const { assertions, events, queue, last } = contract;
    require(last.taken?.truth.lie === undefined, () => `final batch ${last.header.number} is a lie`);
    for (const { asserter, status, built } of assertions.assertions) {
      const isHonest = built.truth.lie === undefined;
      require(!(isHonest && status === 'rejected'), () =>
        `the true batch ${built.header.number} of ${asserter} was rejected`);
      require(isHonest || status !== 'final', () => `a lie about batch ${built.header.number} became final`);
    }
    const lost = events.find((event) => event.type === 'disputeSettled' && event.isLost && this.#isHonest(event));
    require(lost === undefined, () => 'a dispute of a lie lost its bond');
    require(!events.some(({ type }) => type === 'bondForfeited'), () => 'a producer lost its bond to itself');
    const { oldest } = queue;
    require(oldest === undefined || head.timestamp <= oldest.due + QUEUE_TERMS.exodusDelay, () =>
      `operation ${oldest!.queueIndex} is overdue: the exodus opens`);
  }

  /** Whether the dispute was one of a lie, by the challenger. */
  #isHonest(event: AssertionEvent): boolean {
    if (event.type !== 'disputeSettled') return false;
    const dispute = this.#world.l1.contract.assertions.disputes[Number(event.disputeId) - 1];
    return dispute !== undefined && dispute.disputer === L1.challenger;
  }

  /** 5, 6: the node's log, batches and accounts, and what it acknowledged. */
  #node(): void {
    const { node, mirror, acks, acknowledgedThrough } = this.#world;
    const { storage, sequencer } = node;
    if (storage === undefined || sequencer === undefined) return;
    const isNew = node.life !== this.#life;
    mirror.read(storage, node.life, isNew ? acknowledgedThrough : 0);
    if (isNew) {
      this.#life = node.life;
      for (const [id, { sequence }] of acks) this.#isKept(id, sequence);
    }
    const { finalBatch, sealedBatch } = sequencer.status();
    this.#noteFinals(storage, finalBatch);
    const key = `${node.life}:${mirror.entryCount}:${sealedBatch}`;
    if (key === this.#mirrored || mirror.batches.length !== sealedBatch) return;
    this.#mirrored = key;
    this.#accounts();
  }

  /** 3: what the node called final has its confirmations on L1, and stays. */
  #noteFinals(storage: Storage, finalBatch: number): void {
    const { l1, settings } = this.#world;
    const isTakenBack = this.#forgetTakenBack();
    for (let number = 1; number <= finalBatch; number++) {
      const { headerHash } = storage.batches.get(number)!;
      const known = this.#finals[number];
      const isOpen = known === undefined || known.isUndone;
      require(isOpen || known.headerHash === headerHash, () => `batch ${number} was final with another hash`);
      if (!isOpen) continue;
      const onL1 = l1.contract.finals[number];
      const depth = onL1 === undefined ? 0 : l1.head.number - onL1.blockNumber + 1;
      const isDeep = onL1?.headerHash === headerHash && depth >= settings.confirmations;
      // The node may have looked just before a deep reorg, and posts again what that took.
      const mayMiss = isTakenBack || known?.isUndone === true;
      require(isDeep || mayMiss, () =>
        `batch ${number} is final with ${depth} confirmations of ${settings.confirmations}`);
      this.#finals[number] = { headerHash, blockNumber: onL1?.blockNumber ?? 0, isUndone: !isDeep };
    }
    const last = this.#finals.findLastIndex((final) => final !== undefined && !final.isUndone);
    require(finalBatch >= last, () => `batch ${last} was final, ${finalBatch} is the last now`);
  }

  /**
   * A reorg deeper than the confirmations ends what was promised of what it reached, and of nothing else.
   *
   * @returns whether there was one since the last check.
   */
  #forgetTakenBack(): boolean {
    const { takenBackFrom } = this.#world;
    if (takenBackFrom === undefined) return false;
    this.#world.takenBackFrom = undefined;
    for (const [number, final] of this.#finals.entries()) {
      if (final !== undefined && final.blockNumber >= takenBackFrom)
        this.#finals[number] = { ...final, isUndone: true };
    }
    return true;
  }

  #isKept(id: bigint, sequence: number): void {
    const { mirror, node } = this.#world;
    require(mirror.sequenceOf(id) === sequence, () =>
      `transfer ${id} was acknowledged as entry ${sequence} and is not there`);
    require(node.sequencer!.queries.transfer(id) !== undefined, () => `the node does not know transfer ${id}`);
  }

  #accounts(): void {
    const { mirror, node, clock } = this.#world;
    const { queries } = node.sequencer!;
    let message: string | undefined;
    for (const accounts of mirror.pending(Math.floor(clock.nowMs() / 1_000))) {
      const wrong = accounts.find(({ index, balance, nonce, keyY }) => {
        const shown = queries.account(index, 'latest');
        return shown?.balance !== balance || BigInt(shown.nonce) !== nonce || shown.keyY !== keyY;
      });
      if (wrong === undefined) return;
      const { index, balance, nonce } = wrong;
      const shown = queries.account(index, 'latest');
      message ??= `account ${index} has ${balance} and nonce ${nonce}, the node shows ${shown?.balance} and ${shown?.nonce}`;
    }
    throw new Violation(message!);
  }

  /** After the world has come to rest: every acknowledged transfer has its end. */
  checkEnd(): void {
    const { node, acks, mirror, l1 } = this.#world;
    const { queries } = node.sequencer!;
    const executed = new Set(mirror.batches.flatMap((batch) => [...batch.executed]));
    const onL1 = new Set<bigint>();
    for (const { taken } of l1.contract.finals) {
      for (const { id } of taken?.truth.transfers ?? []) {
        require(!onL1.has(id), () => `transfer ${id} is on L1 twice`);
        onL1.add(id);
      }
    }
    for (const [id, { sequence }] of acks) {
      this.#isKept(id, sequence);
      const { status } = queries.transfer(id)!;
      require(status === 'final' || status === 'dropped', () => `entry ${sequence} is ${status} at the end`);
      require((status === 'final') === executed.has(id), () =>
        `entry ${sequence} is ${status}, and its batch says otherwise`);
      require((status === 'final') === onL1.has(id), () => `entry ${sequence} is ${status}, and L1 says otherwise`);
    }
  }
}
