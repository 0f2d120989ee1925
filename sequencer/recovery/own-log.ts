/**
 * Which operations of a batch on L1 the log has already: after a backup was restored, those that were acknowledged before it and
 * executed after it.
 */

import type { NamedRecord } from '@quittance/derivation';
import { encodeRecord, RecordKind, RollupError } from '@quittance/protocol';
import type { PriorityEntry, Storage, TransferEntry } from '../../storage/index.ts';
import type { OpenEntry } from '../mempool/open-entry.ts';
import { readOpen } from '../start/open.ts';

/** The operations of the log that are in no batch. */
export interface OwnLog {
  /** Sequence of the transfer that this record is; undefined when the log has none. */
  findTransfer(record: NamedRecord): number | undefined;
  /** Sequence of the priority operation with this number; undefined when the log has none. */
  findPriority(queueIndex: number, record: NamedRecord, batch: number): number | undefined;
  /** These are in a batch, or dropped, from now on. */
  settle(sequences: Iterable<number>): void;
  /** Transfers that stand before `sequence`, and are in no batch. */
  openTransfersBefore(sequence: number): number[];
  /** The lowest sequence that is in no batch. */
  readonly lowestOpen: number | undefined;
  readonly openTransferCount: number;
}

/** What the log says cannot go on to what L1 says. */
export function conflict(file: string, batch: number, what: string, expected: string, actual: string): RollupError {
  const message =
    `the database ${file} cannot go on to batch ${batch} of L1: ${what} is ${actual} on L1 and ${expected} here, so another ` +
    'log led there. Name a new file with --database: it gets all that L1 has, and this one stays for people to read';
  return new RollupError('RECOVERY_CONFLICT', message, { file, batch, expected, actual });
}

/** A transfer as L1 has it, without what a proof hides: its signature, and how long that is valid. */
function contentOf({ fields, words }: NamedRecord['operation'], nonce: number): string {
  // The producer chooses the leaf of a new account.
  const signed = fields.kind === RecordKind.transferToNew ? { ...fields, to: 0 } : fields;
  return [encodeRecord(signed), nonce, ...words].join(':');
}

const isTransfer = (open: OpenEntry): open is OpenEntry & { readonly entry: TransferEntry } =>
  open.entry.type === 'transfer';

function requireSameLeaf(file: string, entry: PriorityEntry, { operation }: NamedRecord, batch: number): void {
  const [expected, actual] = [entry.operation.fields.to, operation.fields.to];
  if (expected === actual) return;
  throw conflict(file, batch, `the account of deposit ${entry.queueIndex}`, String(expected), String(actual));
}

/** The open operations of the log of `storage`, as it is now. */
export function readOwnLog(storage: Storage): OwnLog {
  const open = new Map(readOpen(storage).map((entry) => [entry.sequence, entry]));
  const byContent = new Map(
    [...open.values()]
      .filter(isTransfer)
      .map(({ sequence, entry }) => [contentOf(entry.operation, entry.nonce), sequence]),
  );
  let openTransferCount = [...open.values()].filter(isTransfer).length;
  return {
    findTransfer({ operation, nonce, id }) {
      if (id !== undefined) {
        const known = storage.log.findTransfer(id)?.sequence;
        if (known !== undefined) return known;
      }
      // Of two with one nonce at most one is executed; L1 may not say how long its signature was valid.
      const sequence = id === undefined ? byContent.get(contentOf(operation, nonce)) : undefined;
      return sequence !== undefined && open.has(sequence) ? sequence : undefined;
    },
    findPriority(queueIndex, record, batch) {
      const row = storage.priority.get(queueIndex);
      const entry = row && storage.log.get(row.sequence)?.entry;
      if (row === undefined || entry?.type !== 'priority') return undefined;
      requireSameLeaf(storage.file, entry, record, batch);
      return row.sequence;
    },
    settle(sequences) {
      for (const sequence of sequences) {
        if (open.get(sequence)?.entry.type === 'transfer') openTransferCount -= 1;
        open.delete(sequence);
      }
    },
    openTransfersBefore: (last) =>
      [...open.values()].filter(isTransfer).flatMap(({ sequence }) => (sequence < last ? [sequence] : [])),
    get lowestOpen() {
      return open.keys().next().value;
    },
    get openTransferCount() {
      return openTransferCount;
    },
  };
}
