/**
 * What a node must say, from its log alone: its batches executed by the reference model, and what is open in the order of the
 * log behind them. Entries are read once; each start must find the same ones again.
 */

import { encodeRecord, type Operation } from '@quittance/protocol';
import type { LoggedEntry, Storage } from '../../../../storage/index.ts';
import { type ModelAccount, ReferenceModel } from '../../rollup/reference-model.ts';
import { OPERATOR } from '../cast.ts';
import { simHasher } from '../crypto.ts';
import { type ExecutionContext, executeBatch, type State } from './execution.ts';
import type { SimRecord } from './records.ts';

/** A broken promise, in words. */
export class Violation extends Error {}

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

const ORACLE = { hash: simHasher.hash, isOnCurve: () => true, multiply: () => ({ x: 1n, y: 2n }), verify: () => true };
const ANY_SIGNATURE = { validUntil: 0n, keyX: 1n, r8x: 1n, r8y: 1n, s: 1n };

const textOf = ({ entry }: LoggedEntry): string => {
  if (entry.type === 'transfer') return `t${entry.id}`;
  if (entry.type === 'priority')
    return `p${entry.queueIndex}:${encodeRecord(entry.operation.fields)}:${entry.operation.words.join()}`;
  return entry.type === 'seal'
    ? `s${entry.batch}:${entry.lastSequence}:${entry.headerHash}`
    : `u${entry.batch}:${entry.lastSequence}`;
};

const recordOf = ({ fields, words }: Operation): SimRecord => ({ record: encodeRecord(fields), words });

/** A model that believes signatures. */
function trusting(state: State, feeTokens: readonly bigint[], time: number): ReferenceModel {
  const model = new ReferenceModel(ORACLE as never, 0n, BigInt(time), feeTokens);
  model.accounts = [...state];
  return model;
}

const isPriority = ({ entry }: LoggedEntry): boolean => entry.type === 'priority';

/** An exit pays all that is there when it is executed. */
function withAmount(model: ReferenceModel, operation: Operation): SimRecord {
  const record = recordOf(operation);
  if (operation.fields.kind !== 5) return record;
  const account = model.accounts.find(({ index }) => index === operation.fields.from);
  const isOwners = account !== undefined && account.owner + (account.token << 160n) === record.words[1];
  return { ...record, words: [0n, record.words[1]!, isOwners ? account.balance : 0n] };
}

export class Mirror {
  readonly #context: ExecutionContext;
  readonly #feeTokens: readonly bigint[];
  #entries: MirroredEntry[] = [];
  #batches: MirroredBatch[] = [];
  /** The batch of each sequence that is in one. */
  readonly #done = new Map<number, number>();
  /** Those that are in none and never will be. */
  readonly #dropped = new Set<number>();
  #life = 0;
  readonly #places = new Map<bigint, number>();

  constructor(context: ExecutionContext, feeTokens: readonly bigint[]) {
    this.#context = context;
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

  get batches(): readonly MirroredBatch[] {
    return this.#batches;
  }

  /** Reads what is new in the log; after a start, that it is the log of before. @param acknowledged how far it must reach. */
  read(storage: Storage, life: number, acknowledged: number): void {
    if (life !== this.#life) this.#restart(storage, life, acknowledged);
    for (const logged of storage.log.range(this.#entries.length + 1)) this.#take(storage, logged);
  }

  /** What a crash took back was acknowledged to nobody. */
  #restart(storage: Storage, life: number, acknowledged: number): void {
    this.#life = life;
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
    for (const logged of storage.log.range(1, kept)) this.#take(storage, logged, true);
  }

  #take(storage: Storage, logged: LoggedEntry, isOld = false): void {
    const { sequence, entry } = logged;
    this.#entries.push({ sequence, text: textOf(logged), logged });
    if (entry.type === 'transfer') {
      if (this.#places.has(entry.id)) throw new Violation(`transfer ${entry.id} is in the log twice`);
      this.#places.set(entry.id, sequence);
    } else if (entry.type === 'seal') this.#seal(storage, entry.batch, entry.lastSequence, entry.headerHash, isOld);
    else if (entry.type === 'unseal') {
      this.#batches = this.#batches.filter(({ number }) => number < entry.batch);
      for (const [done, batch] of this.#done) if (batch >= entry.batch) this.#done.delete(done);
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

  #seal(storage: Storage, number: number, last: number, headerHash: string, isOld: boolean): void {
    const open = this.#open(last);
    const row = number === 0 ? undefined : storage.batches.get(number);
    if (number > 0 && row?.headerHash !== headerHash) {
      // A log that is read again from the start can hold batches that were unsealed later.
      if (!isOld && row === undefined) throw new Violation(`batch ${number} is sealed and not stored`);
    }
    if (number === 0) {
      for (const { sequence } of open) this.#dropped.add(sequence);
      return;
    }
    if (row === undefined || row.headerHash !== headerHash) {
      for (const { sequence } of open) if (storage.outcomes.dropOf(sequence) !== undefined) this.#dropped.add(sequence);
      this.#batches.push({ number, headerHash, after: this.#state, executed: new Set() });
      return;
    }
    if (number !== (this.#batches.at(-1)?.number ?? 0) + 1)
      throw new Violation(`batch ${number} is sealed out of turn`);
    const rows = storage.chunks.ofBatch(number);
    const truth = executeBatch(this.#context, this.#state, {
      ...{ number, time: row.header.time, roots: [rows[0]!.oldRoot, ...rows.map(({ newRoot }) => newRoot)] },
      feeTokens: rows.map(({ feeTokens }) => feeTokens),
      chunks: rows.map(({ data }) => data),
      visible: rows.map(({ visible }) => visible),
    });
    if (truth.lie !== undefined) {
      const { chunk, slot, what } = truth.lie;
      throw new Violation(`batch ${number} is wrong in slot ${slot} of chunk ${chunk}: ${what}`);
    }
    const executed = new Set(truth.transfers.map(({ id }) => id));
    this.#judgeDrops(open, executed, truth.priority.length, row.header.time, number);
    this.#batches.push({ number, headerHash, after: truth.after, executed });
  }

  /** What the batch left out could not be executed in its turn; what it executed was in the log, and open. */
  #judgeDrops(
    open: readonly LoggedEntry[],
    executed: ReadonlySet<bigint>,
    priorityCount: number,
    time: number,
    batch: number,
  ) {
    const model = trusting(this.#state, this.#feeTokens, time);
    const priority = open.filter(isPriority);
    if (priorityCount !== priority.length) {
      throw new Violation(
        `batch ${batch} executes ${priorityCount} operations of the queue, ${priority.length} were in its part of the log`,
      );
    }
    for (const { entry, sequence } of priority) {
      if (entry.type === 'priority') model.execute(withAmount(model, entry.operation));
      this.#done.set(sequence, batch);
    }
    let found = 0;
    for (const { entry, sequence } of open) {
      if (entry.type !== 'transfer') continue;
      const record = recordOf(entry.operation);
      const payer = model.accounts.find(({ index }) => index === entry.operation.fields.from);
      const isInTurn = payer?.nonce === BigInt(entry.nonce);
      const validUntil = BigInt(entry.operation.authorization?.validUntil ?? 0);
      const input = { ...record, authorization: { ...ANY_SIGNATURE, validUntil } };
      if (executed.has(entry.id)) {
        found += 1;
        const code = isInTurn ? model.execute(input) : 'another nonce';
        if (code !== 'valid')
          throw new Violation(`batch ${batch} executes entry ${sequence}, which cannot be: ${code}`);
        this.#done.set(sequence, batch);
        continue;
      }
      if (isInTurn && model.judge(input) === 'valid') {
        throw new Violation(`batch ${batch} drops entry ${sequence}, which could be executed`);
      }
      this.#dropped.add(sequence);
    }
    if (found !== executed.size) throw new Violation(`batch ${batch} executes what is not open in the log`);
  }

  /** The accounts that the node must show as its latest state; those of the operator, who gets fees meanwhile, aside. */
  pending(time: number): ModelAccount[] {
    const model = trusting(this.#state, this.#feeTokens, time);
    for (const { entry } of this.#open()) {
      if (entry.type === 'priority') {
        model.execute(withAmount(model, entry.operation));
        continue;
      }
      if (entry.type !== 'transfer') continue;
      const payer = model.accounts.find(({ index }) => index === entry.operation.fields.from);
      if (payer?.nonce !== BigInt(entry.nonce)) continue;
      model.execute({ ...recordOf(entry.operation), authorization: ANY_SIGNATURE });
    }
    return model.accounts.filter(({ owner }) => owner !== OPERATOR.owner);
  }
}
