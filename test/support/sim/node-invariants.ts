/** What must hold of one node after each step: its log, its batches, its accounts, and what it and others acknowledged. */

import type { Storage } from '../../../storage/index.ts';
import type { SimNode } from './actors/node.ts';
import type { Mirror } from './ledger/mirror.ts';
import { requireThat, Violation } from './ledger/violation.ts';
import type { World } from './world.ts';

/** A batch that the node called final. */
interface KnownFinal {
  readonly headerHash: string;
  /** On L1. */
  readonly blockNumber: number;
  /** A deep reorg took it, and it is not on L1 again. */
  readonly isUndone: boolean;
}

/** What has been seen of a node so far. */
export class NodeInvariants {
  readonly #world: World;
  readonly #node: SimNode;
  readonly #mirror: Mirror;
  /** By number. */
  readonly #finals: (KnownFinal | undefined)[] = [];
  #life = 0;
  /** Whether there was a deep reorg since the node was last looked at. */
  #isTakenBack = false;
  /** In which life, and up to which batch, all that it called final was looked at. */
  #seenFinal = '';
  #mirrored = '';
  readonly #asked = new Set<bigint>();
  /** In which life and term it was looked at as the one that leads. */
  #ledAs = '';

  constructor(world: World, node: SimNode, mirror: Mirror) {
    this.#world = world;
    this.#node = node;
    this.#mirror = mirror;
  }

  /** 5, 6: the node's log, batches and accounts, and what it acknowledged. */
  check(): void {
    const { acks, acknowledgedThrough, settings } = this.#world;
    const [node, mirror] = [this.#node, this.#mirror];
    // Of one that is down too: it finds the batches gone when it is back.
    this.#forgetTakenBack();
    const { storage, sequencer } = node;
    if (storage === undefined || sequencer === undefined) return;
    const isNew = node.life !== this.#life;
    const isAlone = settings.nodes === 1;
    mirror.read(storage, node.life, isNew && isAlone ? acknowledgedThrough : 0, !isAlone);
    this.#life = node.life;
    // Whoever leads has all of it; a node alone always does.
    const leads = node.isLeading ? `${node.life}:${sequencer.node().epoch}` : '';
    if (leads !== '' && leads !== this.#ledAs) {
      this.#ledAs = leads;
      for (const [id, { sequence }] of acks) {
        // The node is asked for each once, and for all at the end.
        this.#isKept(id, sequence, !this.#asked.has(id));
        this.#asked.add(id);
      }
    }
    const { finalBatch, sealedBatch } = sequencer.status();
    this.#noteFinals(storage, finalBatch);
    const key = `${node.life}:${mirror.entryCount}:${sealedBatch}`;
    if (key === this.#mirrored || !node.isSettled || mirror.isTakingBack || mirror.batches.length !== sealedBatch)
      return;
    // A follower executes a batch some turns before it writes it down.
    const journalHead = this.#world.journal?.server.stored.at(-1)?.last ?? 0;
    if (!node.isLeading && mirror.entryCount < journalHead) return;
    this.#mirrored = key;
    this.#accounts();
  }

  /** 3: what the node called final has its confirmations on L1, and stays. */
  #noteFinals(storage: Storage, finalBatch: number): void {
    const { l1, settings } = this.#world;
    const seen = `${this.#life}:${finalBatch}`;
    for (let number = 1; number <= finalBatch; number++) {
      const known = this.#finals[number];
      const isOpen = known === undefined || known.isUndone;
      if (!isOpen && seen === this.#seenFinal) continue;
      const { headerHash } = storage.batches.get(number)!;
      requireThat(isOpen || known.headerHash === headerHash, () => `batch ${number} was final with another hash`);
      if (!isOpen) continue;
      const onL1 = l1.contract.finals[number];
      const depth = onL1 === undefined ? 0 : l1.head.number - onL1.blockNumber + 1;
      const isDeep = onL1?.headerHash === headerHash && depth >= settings.confirmations;
      // The node may have looked just before a deep reorg, and posts again what that took.
      const mayMiss = this.#isTakenBack || known?.isUndone === true;
      requireThat(
        isDeep || mayMiss,
        () => `batch ${number} is final with ${depth} confirmations of ${settings.confirmations}`,
      );
      this.#finals[number] = { headerHash, blockNumber: onL1?.blockNumber ?? 0, isUndone: !isDeep };
    }
    this.#isTakenBack = false;
    this.#seenFinal = seen;
    const last = this.#finals.findLastIndex((final) => final !== undefined && !final.isUndone);
    requireThat(finalBatch >= last, () => `batch ${last} was final, ${finalBatch} is the last now`);
  }

  /** A reorg deeper than the confirmations ends what was promised of what it reached, and of nothing else. */
  #forgetTakenBack(): void {
    const { takenBackFrom } = this.#world;
    if (takenBackFrom === undefined) return;
    this.#isTakenBack = true;
    for (const [number, final] of this.#finals.entries()) {
      if (final !== undefined && final.blockNumber >= takenBackFrom)
        this.#finals[number] = { ...final, isUndone: true };
    }
  }

  #isKept(id: bigint, sequence: number, isAsked = true): void {
    const [node, mirror] = [this.#node, this.#mirror];
    requireThat(
      mirror.sequenceOf(id) === sequence,
      () => `transfer ${id} was acknowledged as entry ${sequence} and is not there`,
    );
    if (!isAsked) return;
    requireThat(node.sequencer!.queries.transfer(id) !== undefined, () => `${node.name} does not know transfer ${id}`);
  }

  #accounts(): void {
    const [node, mirror] = [this.#node, this.#mirror];
    const { queries } = node.sequencer!;
    let message: string | undefined;
    for (const accounts of mirror.pending()) {
      const wrong = accounts.find(({ index, balance, nonce, keyY }) => {
        const shown = queries.account(index, 'latest');
        return shown?.balance !== balance || BigInt(shown.nonce) !== nonce || shown.keyY !== keyY;
      });
      if (wrong === undefined) return;
      const { index, balance, nonce } = wrong;
      const shown = queries.account(index, 'latest');
      message ??= `account ${index} has ${balance} and nonce ${nonce}, ${node.name} shows ${shown?.balance} and ${shown?.nonce}`;
    }
    throw new Violation(message!);
  }

  /** Every acknowledged transfer is final or dropped, as L1 says. */
  checkEnd(onL1: ReadonlySet<bigint>): void {
    const [node, mirror] = [this.#node, this.#mirror];
    const executed = new Set(mirror.batches.flatMap((batch) => [...batch.executed]));
    for (const [id, { sequence }] of this.#world.acks) {
      this.#isKept(id, sequence);
      const { status } = node.sequencer!.queries.transfer(id)!;
      const where = `entry ${sequence} is ${status} on ${node.name}`;
      requireThat(status === 'final' || status === 'dropped', () => `${where} at the end`);
      requireThat((status === 'final') === executed.has(id), () => `${where}, and its batch says otherwise`);
      requireThat((status === 'final') === onL1.has(id), () => `${where}, and L1 says otherwise`);
    }
  }
}
