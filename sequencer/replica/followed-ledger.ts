/**
 * The state of a follower in memory: the sealed state, and the entries of the log that are in no batch yet. What these do to
 * accounts is applied when somebody asks: a node that catches up asks for nothing, and each batch takes the first of them away.
 */

import type { ChunkContext, ExecutionState } from '@quittance/protocol';
import type { BatchRoom } from '../mempool/data-limits.ts';
import { createDirectory } from '../mempool/directory.ts';
import type { Ledger } from '../mempool/ledger.ts';
import type { OpenEntry } from '../mempool/open-entry.ts';
import { PendingState } from '../mempool/pending.ts';
import { emptySegment } from '../mempool/segment.ts';

/** What reads need of a ledger. */
export type LedgerView = Pick<Ledger, 'state' | 'pending' | 'directory' | 'openTransferCount'>;

/** A ledger that others fill. */
export interface FollowedLedger extends LedgerView {
  /** Takes an entry that is durable. */
  append(entry: OpenEntry): void;
  /** The open entry with this sequence. */
  openEntry(sequence: number): OpenEntry | undefined;
  /** These entries are to be executed on `state`: once it has changed they are part of it. */
  begin(sequences: ReadonlySet<number>): void;
  /** Those that were begun are in a batch or dropped. @param changed leaves that the batch changed. */
  complete(changed: Iterable<number>): void;
}

export interface FollowedLedgerOptions {
  readonly room: BatchRoom;
  /** The sealed state. */
  readonly state: ExecutionState;
  /** Entries in no batch yet, in the order of the log. */
  readonly open: readonly OpenEntry[];
  /** Those that fees go to: the node's own settings, since what is pending is in no plan. */
  readonly operator: { readonly keyY: bigint; readonly owner: bigint };
  /** That operations are judged in now. */
  readonly context: () => ChunkContext;
}

/** A ledger over a sealed state. */
export function createFollowedLedger({ room, state, open, operator, context }: FollowedLedgerOptions): FollowedLedger {
  const directory = createDirectory();
  const entries = new Map<number, OpenEntry>();
  const feeAccount = (tokenId: number) => directory.find(operator.keyY, operator.owner, tokenId);
  let transferCount = 0;
  let pending = new PendingState(state, directory, feeAccount);
  let segment = emptySegment(room);
  /** Those that `pending` does not have yet; undefined when it has to be made anew. */
  let unapplied: OpenEntry[] | undefined = [];
  let begun: { readonly sequences: ReadonlySet<number>; readonly root: bigint } | undefined;
  /** Root of the state that `pending` stands on. */
  let root = state.root;

  /** Whether `state` includes the entry already: a batch is executed some turns before it is written down. */
  const isExecuted = ({ sequence }: OpenEntry): boolean =>
    begun !== undefined && begun.root !== state.root && begun.sequences.has(sequence);
  const applyAll = (): void => {
    if (unapplied === undefined || root !== state.root) {
      unapplied = undefined;
      root = state.root;
      pending = new PendingState(state, directory, feeAccount);
      segment = emptySegment(room);
    }
    for (const entry of unapplied ?? entries.values()) {
      if (!isExecuted(entry)) pending.apply(segment, entry, context());
    }
    unapplied = [];
  };
  const append = (entry: OpenEntry): void => {
    entries.set(entry.sequence, entry);
    if (entry.entry.type === 'transfer') transferCount += 1;
    unapplied?.push(entry);
  };

  for (const [index, account] of state.accounts()) directory.addCertain(index, account);
  for (const entry of open) append(entry);

  return {
    state,
    get pending() {
      applyAll();
      return pending;
    },
    get directory() {
      applyAll();
      return directory;
    },
    get openTransferCount() {
      return transferCount;
    },
    append,
    openEntry: (sequence) => entries.get(sequence),
    begin(sequences) {
      begun = { sequences, root: state.root };
    },
    complete(changed) {
      for (const sequence of begun?.sequences ?? []) {
        if (entries.get(sequence)?.entry.type === 'transfer') transferCount -= 1;
        entries.delete(sequence);
      }
      for (const index of changed) {
        const account = state.get(index);
        if (account !== undefined) directory.addCertain(index, account);
      }
      begun = undefined;
      unapplied = undefined;
    },
  };
}
