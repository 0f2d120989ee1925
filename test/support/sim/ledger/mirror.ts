/**
 * What a node must say, from its log alone: its batches executed by the reference model, and what is open in the order of the
 * log behind them. Entries are read once; each start must find the same ones again.
 */

import { encodeRecord } from '@quittance/protocol';
import type { LoggedEntry, SealEntry, Storage } from '../../../../storage/index.ts';
import type { ModelAccount } from '../../rollup/reference-model.ts';
import { OPERATOR } from '../cast.ts';
import { type ExecutionContext, executeBatch, type State } from './execution.ts';
import { ANY_SIGNATURE, isPriority, judgeSeal, recordOf, trusting, withAmount } from './seals.ts';
import { Violation } from './violation.ts';

/** An entry as its bytes say it. */
interface MirroredEntry {
  readonly sequence: number;
  readonly text: string;
  readonly logged: LoggedEntry;
}

/** A batch that the log seals, executed. */
interface MirroredBatch {
  readonly number: number;
  readonly headerHash: string;
  readonly after: State;
  readonly executed: ReadonlySet<bigint>;
}

const textOf = ({ entry }: LoggedEntry): string => {
  if (entry.type === 'transfer') return `t${entry.id}`;
  if (entry.type === 'priority')
    return `p${entry.queueIndex}:${encodeRecord(entry.operation.fields)}:${entry.operation.words.join()}`;
  return entry.type === 'seal'
    ? `s${entry.batch}:${entry.lastSequence}:${entry.headerHash}`
    : `u${entry.batch}:${entry.lastSequence}`;
};

export class Mirror {
  readonly #context: ExecutionContext;
  readonly #feeTokens: readonly bigint[];
  readonly #chain: string[];
  #entries: MirroredEntry[] = [];
  #batches: MirroredBatch[] = [];
  /** The batch of each sequence that is in one. */
  readonly #done = new Map<number, number>();
  /** Those that are in none and never will be. */
  readonly #dropped = new Set<number>();
  #life = 0;
  #isShared = false;
  /** Up to here the node may have put operations of the queue first. */
  #reorderedAt = 0;
  readonly #places = new Map<bigint, number>();

  /** @param chain the entries that all nodes have to agree on, filled as they are seen; of a node alone a crash may take some. */
  constructor(context: ExecutionContext, feeTokens: readonly bigint[], chain: string[]) {
    this.#context = context;
    this.#chain = chain;
    this.#feeTokens = feeTokens;
  }

  get #state(): State {
    return this.#batches.at(-1)?.after ?? [];
  }

  /** Place of a transfer in the log. */
  sequenceOf(id: bigint): number | undefined {
    return this.#places.get(id);
  }

  get entryCount(): number {
    return this.#entries.length;
  }

  /** Whether the log ends with what L1 took back: memory follows a moment later. */
  get isTakingBack(): boolean {
    const last = this.#entries.at(-1)?.logged.entry;
    return last?.type === 'unseal' && last.takenBackFrom !== undefined;
  }

  get batches(): readonly MirroredBatch[] {
    return this.#batches;
  }

  /** Reads what is new in the log; after a start, that it is the log of before. @param acknowledged how far it must reach. */
  read(storage: Storage, life: number, acknowledged: number, isShared: boolean): void {
    this.#isShared = isShared;
    if (life !== this.#life) this.#restart(storage, life, acknowledged);
    for (const logged of storage.log.range(this.#entries.length + 1)) this.#take(storage, logged);
    this.#compare(storage);
  }

  /** What a crash took back was acknowledged to nobody. */
  #restart(storage: Storage, life: number, acknowledged: number): void {
    this.#life = life;
    this.#reorderedAt = storage.log.head().sequence;
    const head = storage.log.head().sequence;
    if (head < acknowledged) throw new Violation(`entry ${acknowledged} was acknowledged, and the log ends at ${head}`);
    let same = 0;
    for (const logged of storage.log.range(1, Math.min(head, this.#entries.length))) {
      if (textOf(logged) !== this.#entries[same]!.text) break;
      same += 1;
    }
    const known = Math.min(acknowledged, this.#entries.length);
    if (same < known) throw new Violation(`entry ${same + 1} is not the one that was acknowledged`);
    if (same < this.#entries.length) this.#forgetFrom(storage, same);
  }

  #forgetFrom(storage: Storage, kept: number): void {
    this.#entries = [];
    this.#batches = [];
    this.#done.clear();
    this.#dropped.clear();
    this.#places.clear();
    for (const logged of storage.log.range(1, kept)) this.#take(storage, logged);
  }

  #take(storage: Storage, logged: LoggedEntry): void {
    const { sequence, entry } = logged;
    const text = textOf(logged);
    if (this.#isShared) {
      this.#chain[sequence - 1] ??= text;
      const known = this.#chain[sequence - 1];
      if (known !== text) throw new Violation(`entry ${sequence} is ${text} on this node, and ${known} on another`);
    }
    this.#entries.push({ sequence, text, logged });
    if (entry.type === 'transfer') {
      if (this.#places.has(entry.id)) throw new Violation(`transfer ${entry.id} is in the log twice`);
      this.#places.set(entry.id, sequence);
    } else if (entry.type === 'seal') this.#seal(storage, entry);
    else if (entry.type === 'unseal') {
      this.#batches = this.#batches.filter(({ number }) => number < entry.batch);
      for (const [done, batch] of this.#done) if (batch >= entry.batch) this.#done.delete(done);
      this.#reorderedAt = sequence;
      if (entry.takenBackFrom !== undefined) this.#takeBack(entry.takenBackFrom);
    }
  }

  /** Operations of the queue that L1 took back count no longer; those that are requested anew come as entries behind. */
  #takeBack(queueIndex: number): void {
    for (const { sequence, logged } of this.#entries) {
      if (logged.entry.type === 'priority' && logged.entry.queueIndex >= queueIndex) this.#dropped.add(sequence);
    }
  }

  /** Entries that are in no batch, in the order of the log, up to `last`. */
  #open(last = Number.MAX_SAFE_INTEGER): LoggedEntry[] {
    return this.#entries
      .filter(({ sequence, logged: { entry } }) => {
        const isOperation = entry.type === 'transfer' || entry.type === 'priority';
        return isOperation && sequence <= last && !this.#done.has(sequence) && !this.#dropped.has(sequence);
      })
      .map(({ logged }) => logged);
  }

  #seal(storage: Storage, { batch: number, lastSequence, headerHash, drops = [] }: SealEntry): void {
    const open = this.#open();
    const row = number === 0 ? undefined : storage.batches.get(number);
    // One that was unsealed behind this entry is not stored any more.
    const isGone = row?.headerHash !== headerHash;
    const dropped = new Set(drops.map(({ sequence }) => sequence));
    if (number === 0 || isGone) {
      for (const sequence of dropped) this.#dropped.add(sequence);
      if (number > 0) this.#batches.push({ number, headerHash, after: this.#state, executed: new Set() });
      return;
    }
    if (number !== (this.#batches.at(-1)?.number ?? 0) + 1)
      throw new Violation(`batch ${number} is sealed out of turn`);
    const rows = storage.chunks.ofBatch(number);
    const truth = executeBatch(this.#context, this.#state, {
      ...{ number, time: row!.header.time, roots: [rows[0]!.oldRoot, ...rows.map(({ newRoot }) => newRoot)] },
      feeTokens: rows.map(({ feeTokens }) => feeTokens),
      chunks: rows.map(({ data }) => data),
      visible: rows.map(({ visible }) => visible),
    });
    if (truth.lie !== undefined) {
      const { chunk, slot, what } = truth.lie;
      throw new Violation(`batch ${number} is wrong in slot ${slot} of chunk ${chunk}: ${what}`);
    }
    const model = trusting(this.#state, this.#feeTokens, row!.header.time);
    const executed = new Set(truth.transfers.map(({ id }) => id));
    judgeSeal({ model, open, executed, dropped, priority: truth.priority, batch: number });
    for (const { sequence, entry } of open.filter(isPriority).slice(0, truth.priority.length)) {
      if (entry.type === 'priority') this.#done.set(sequence, number);
    }
    for (const { sequence, entry } of open) {
      if (entry.type === 'transfer' && executed.has(entry.id)) this.#done.set(sequence, number);
    }
    for (const sequence of dropped) this.#dropped.add(sequence);
    const [forgotten] = this.#open(lastSequence);
    if (forgotten !== undefined) {
      throw new Violation(
        `batch ${number} seals up to entry ${lastSequence} and leaves out entry ${forgotten.sequence}`,
      );
    }
    this.#batches.push({ number, headerHash, after: truth.after, executed });
  }

  /** Batches are stored as the log seals them. */
  #compare({ batches }: Storage): void {
    const count = batches.last()?.number ?? 0;
    const { length } = this.#batches;
    if (count !== length) throw new Violation(`the log seals ${length} batches, ${count} are stored`);
    const last = this.#batches.at(-1);
    if (last !== undefined && batches.get(last.number)!.headerHash !== last.headerHash) {
      throw new Violation(`batch ${last.number} is another one than the log seals`);
    }
  }

  /**
   * The accounts that the node may show as its latest state; those of the operator, who gets fees meanwhile, aside. More than
   * one where it may have put operations of the queue before transfers: at a start, and when L1 took operations back. What is in the
   * log has not expired as long as no seal says so.
   */
  *pending(): Generator<ModelAccount[]> {
    const open = this.#open();
    yield this.#pendingIn(open);
    const later = open.filter((logged) => isPriority(logged) && logged.sequence > this.#reorderedAt);
    for (const end of [this.#reorderedAt, ...later.map(({ sequence }) => sequence)]) {
      const reordered = open.filter(({ sequence }) => sequence <= end);
      const rest = open.filter(({ sequence }) => sequence > end);
      const transfers = reordered.filter((logged) => !isPriority(logged));
      yield this.#pendingIn([...reordered.filter(isPriority), ...transfers, ...rest]);
    }
  }

  #pendingIn(open: readonly LoggedEntry[]): ModelAccount[] {
    const model = trusting(this.#state, this.#feeTokens, 0);
    for (const { entry } of open) {
      if (entry.type === 'priority') model.execute(withAmount(model, entry.operation));
      if (entry.type !== 'transfer') continue;
      const payer = model.accounts.find(({ index }) => index === entry.operation.fields.from);
      if (payer?.nonce !== BigInt(entry.nonce)) continue;
      model.execute({ ...recordOf(entry.operation), authorization: ANY_SIGNATURE });
    }
    return model.accounts.filter(({ owner }) => owner !== OPERATOR.owner);
  }
}
