/** What a batch may have made of the open entries of the log. */

import { encodeRecord, type Operation } from '@quittance/protocol';
import type { LoggedEntry } from '../../../../storage/index.ts';
import { ReferenceModel } from '../../rollup/reference-model.ts';
import { simHasher } from '../crypto.ts';
import type { State } from './execution.ts';
import { kindOf, type SimRecord } from './records.ts';
import { Violation } from './violation.ts';

const ORACLE = { hash: simHasher.hash, isOnCurve: () => true, multiply: () => ({ x: 1n, y: 2n }), verify: () => true };
/** Stands for one that was checked. */
export const ANY_SIGNATURE = { validUntil: 0n, keyX: 1n, r8x: 1n, r8y: 1n, s: 1n };

/** The record of an operation. */
export const recordOf = ({ fields, words }: Operation): SimRecord => ({ record: encodeRecord(fields), words });

/** A model that believes signatures. */
export function trusting(state: State, feeTokens: readonly bigint[], time: number): ReferenceModel {
  const model = new ReferenceModel(ORACLE as never, 0n, BigInt(time), feeTokens);
  model.accounts = [...state];
  return model;
}

/** Whether an entry is an operation of the queue. */
export const isPriority = ({ entry }: LoggedEntry): boolean => entry.type === 'priority';

/** An exit pays all that is there when it is executed. */
export function withAmount(model: ReferenceModel, operation: Operation): SimRecord {
  const record = recordOf(operation);
  if (operation.fields.kind !== 5) return record;
  const account = model.accounts.find(({ index }) => index === operation.fields.from);
  const isOwners = account !== undefined && account.owner + (account.token << 160n) === record.words[1];
  return { ...record, words: [0n, record.words[1]!, isOwners ? account.balance : 0n] };
}

/** A seal, and what was open before it. */
export interface SealCase {
  /** On the state before the batch, at its time. */
  readonly model: ReferenceModel;
  readonly open: readonly LoggedEntry[];
  /** Ids of the transfers that the batch executes. */
  readonly executed: ReadonlySet<bigint>;
  /** Sequences that the entry says were dropped. */
  readonly dropped: ReadonlySet<number>;
  /** Records of the queue that the batch executes. */
  readonly priority: readonly SimRecord[];
  readonly batch: number;
}

/** The operations of the queue that the batch executes are the first open ones, as they are. */
function judgePriority({ model, open, priority, batch }: SealCase): void {
  const waiting = open.filter(isPriority);
  for (const [position, record] of priority.entries()) {
    const entry = waiting[position]?.entry;
    if (entry?.type !== 'priority') throw new Violation(`batch ${batch} executes an operation that is not in the log`);
    const expected = recordOf(entry.operation);
    const words = kindOf(expected) === 4 ? [0, 1, 2] : [0, 1];
    const isSame =
      expected.record === record.record && words.every((word) => expected.words[word] === record.words[word]);
    if (!isSame) throw new Violation(`batch ${batch} changes operation ${entry.queueIndex} of the queue`);
    model.execute(withAmount(model, entry.operation));
  }
}

/**
 * What the batch left out could not be executed in its turn; what it executed was in the log, open, and in the log's order.
 *
 * @throws Violation
 */
export function judgeSeal(seal: SealCase): void {
  const { model, open, executed, dropped, batch } = seal;
  judgePriority(seal);
  let found = 0;
  for (const { entry, sequence } of open) {
    if (entry.type !== 'transfer' || !(executed.has(entry.id) || dropped.has(sequence))) continue;
    const payer = model.accounts.find(({ index }) => index === entry.operation.fields.from);
    const isInTurn = payer?.nonce === BigInt(entry.nonce);
    const validUntil = BigInt(entry.operation.authorization?.validUntil ?? 0);
    const input = { ...recordOf(entry.operation), authorization: { ...ANY_SIGNATURE, validUntil } };
    if (executed.has(entry.id)) {
      found += 1;
      const code = isInTurn ? model.execute(input) : 'another nonce';
      if (code !== 'valid') throw new Violation(`batch ${batch} executes entry ${sequence}, which cannot be: ${code}`);
    } else if (isInTurn && model.judge(input) === 'valid') {
      throw new Violation(`batch ${batch} drops entry ${sequence}, which could be executed`);
    }
  }
  if (found !== executed.size) throw new Violation(`batch ${batch} executes what is not open in the log`);
}
