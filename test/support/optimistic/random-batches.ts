/** Random batches on any state, true or with one lie, that execute a priority queue as L1 demands. */

import {
  type Account,
  FEE_TOKEN_FILLER,
  float40,
  packOwnerAndToken,
  type RecordData,
  RecordKind,
  type StateView,
} from '@quittance/protocol';
import type { Random } from '../property/random.ts';
import type { Person } from '../rollup/person.ts';
import type { Tip } from './asserted-batch.ts';
import type { ChunkScript } from './claimed-chunk.ts';
import {
  accountAt,
  authorizedBy,
  collectOf,
  type Holder,
  moving,
  noop,
  pretending,
  priorityOf,
  type SlotScript,
  type SlotView,
  transferOf,
  transferToNewOf,
  withdrawOf,
} from './slot-scripts.ts';

/** Leaves that accounts are put into. */
const LEAVES = 60;
const FEE_TOKENS: readonly bigint[] = [0n, 1n, FEE_TOKEN_FILLER, FEE_TOKEN_FILLER];

export interface QueuedOperation {
  readonly operation: RecordData;
  /** As it stands: executions bring it forward. */
  deadline: number;
}

export interface BatchShape {
  readonly slotsPerChunk: number;
  readonly maxChunks: number;
}

export class RandomBatches {
  readonly #queue: readonly QueuedOperation[];
  readonly #random: Random;
  readonly #people: readonly Person[];
  readonly #shape: BatchShape;

  /** @param queue of the contract, which grows. */
  constructor(random: Random, people: readonly Person[], shape: BatchShape, queue: readonly QueuedOperation[]) {
    this.#random = random;
    this.#people = people;
    this.#shape = shape;
    this.#queue = queue;
  }

  /** What a producer who tells the truth puts into the next batch. Operations that are due at `time` are in it. */
  honest(tip: Tip, time: number): ChunkScript[] {
    return this.#chunks(tip, time, (script) => script);
  }

  /** The same with one slot behind the priority operations that is a lie, if there is such a slot. */
  lying(tip: Tip, time: number): ChunkScript[] {
    const { slotsPerChunk } = this.#shape;
    const position = this.#random.below(slotsPerChunk);
    return this.#chunks(tip, time, (script, slot, count) =>
      slot === Math.max(position, count) ? this.#lie() : script,
    );
  }

  #chunks(
    { header }: Tip,
    time: number,
    change: (script: SlotScript, slot: number, priorityCount: number) => SlotScript,
  ): ChunkScript[] {
    const random = this.#random;
    const { slotsPerChunk, maxChunks } = this.#shape;
    const waiting = this.#queue.slice(header.priorityCount);
    const due = waiting.filter(({ deadline }) => deadline < time).length;
    const chosen = waiting.slice(0, Math.max(due, random.below(slotsPerChunk - 2))).slice(0, slotsPerChunk);
    const priority = chosen.map(({ operation }) => this.#priority(operation));
    // A batch that leaves an operation which is due is full of others.
    const chunkCount = due > slotsPerChunk ? 1 : 1 + random.below(maxChunks);
    return Array.from({ length: chunkCount }, (_, chunk) => {
      const first = chunk === 0 ? priority : [];
      // The last two slots collect the fees of both tokens.
      const others = Array.from({ length: Math.max(0, slotsPerChunk - 2 - first.length) }, () => this.#any());
      const slots = [...first, ...others, ...[0, 1].map((token) => this.#collect(token))].slice(0, slotsPerChunk);
      const isLast = chunk === chunkCount - 1;
      const changed = isLast ? slots.map((script, slot) => change(script, slot, first.length)) : slots;
      return { slots: changed, feeTokens: FEE_TOKENS };
    });
  }

  #indices(view: StateView): number[] {
    return Array.from({ length: LEAVES }, (_, index) => index).filter((index) => view.get(index) !== undefined);
  }

  #emptyIndex(view: StateView): number | undefined {
    const empty = Array.from({ length: LEAVES }, (_, index) => index).filter((index) => view.get(index) === undefined);
    return empty.length === 0 ? undefined : this.#random.pick(empty);
  }

  /** Someone who can sign for an account with money. */
  #payer(view: StateView): (Holder & { readonly account: Account }) | undefined {
    const indices = this.#indices(view).filter((index) => view.get(index)!.balance > 0n);
    if (indices.length === 0) return undefined;
    const index = this.#random.pick(indices);
    const account = view.get(index)!;
    const person = this.#people.find(({ keyPair }) => keyPair.publicKey.y === account.keyY)!;
    return { ...person, index, account };
  }

  /** A deposit goes to its owner's account if there is one, half of the time. */
  #priority(operation: RecordData): SlotScript {
    return (slot) => {
      const { fields, words } = operation;
      if (fields.kind !== RecordKind.deposit) return priorityOf(operation)(slot);
      const own = this.#indices(slot.view).find((index) => {
        const { keyY, owner, tokenId } = slot.view.get(index)!;
        return keyY === words[0] && packOwnerAndToken(owner, tokenId) === words[1];
      });
      const empty = this.#emptyIndex(slot.view);
      const to = own !== undefined && (empty === undefined || this.#random.chance(0.5)) ? own : empty!;
      return priorityOf(operation, to)(slot);
    };
  }

  #collect(token: number): SlotScript {
    return (slot) => {
      const index = this.#indices(slot.view).find((candidate) => slot.view.get(candidate)!.tokenId === token);
      return slot.fees[token] === 0n || index === undefined ? noop(slot) : collectOf(index)(slot);
    };
  }

  #any(): SlotScript {
    return (slot) => {
      const random = this.#random;
      const payer = this.#payer(slot.view);
      const kind = random.below(4);
      if (payer === undefined || kind === 0) return noop(slot);
      const fee = payer.account.balance > 100n && random.chance(0.3) ? BigInt(random.below(5)) : 0n;
      const amount = float40.decode(float40.encodeFloor(random.bits(60) % (payer.account.balance - fee + 1n)));
      if (kind === 1) return withdrawOf(payer, amount, { fee })(slot);
      const peers = this.#indices(slot.view).filter(
        (index) => index !== payer.index && slot.view.get(index)!.tokenId === payer.account.tokenId,
      );
      const empty = this.#emptyIndex(slot.view);
      if (kind === 2 && empty !== undefined) {
        return transferToNewOf(payer, { ...random.pick(this.#people), index: empty }, amount, { fee })(slot);
      }
      return peers.length === 0 ? noop(slot) : transferOf(payer, random.pick(peers), amount, { fee })(slot);
    };
  }

  #lie(): SlotScript {
    return (slot) => {
      const random = this.#random;
      const payer = this.#payer(slot.view);
      const kind = random.below(4);
      if (payer === undefined || kind === 0) return pretending(noop, (view) => this.#mint(view))(slot);
      const honest = withdrawOf(payer, 0n);
      if (kind === 1) return pretending(honest, () => ({ changes: [] }))(slot);
      if (kind === 2) return authorizedBy(honest, (bytes) => bytes.with(60, bytes[60]! ^ 1))(slot);
      const forger = this.#people.find(({ name }) => name !== payer.name)!;
      const to = this.#indices(slot.view).find((index) => index !== payer.index);
      if (to === undefined) return withdrawOf(payer, 0n, { signer: forger })(slot);
      return pretending(transferOf(payer, to, 1n, { signer: forger }), moving(payer.index, to, 1n))(slot);
    };
  }

  #mint({ view }: SlotView) {
    const index = this.#indices(view)[0] ?? 0;
    const { keyPair, owner } = this.#people[0]!;
    const before = view.get(index) ?? { ...accountAt(view, index), keyY: keyPair.publicKey.y, owner };
    return { changes: [{ index, after: { ...before, balance: before.balance + 1_000n } }] };
  }
}
