/**
 * The state in memory: the sealed state with its tree, the pending state on top of it, and the accepted operations that
 * are in no batch yet, cut into the contents of future batches.
 */

import {
  type ChunkContext,
  float16,
  forcedExitAmount,
  RecordKind,
  type RollupState,
  StateOverlay,
  type StateView,
} from '@quittance/protocol';
import type { PriorityEntry, TransferEntry } from '../../storage/index.ts';
import { applyTrusted } from '../apply.ts';
import { type BatchRoom, loadOf } from './data-limits.ts';
import { createDirectory, type Directory } from './directory.ts';
import { createLeafAllocator, type LeafAllocator } from './leaf-allocator.ts';
import { createPacking, type Packing } from './packing.ts';

/** An accepted operation that is in no batch yet. */
export interface OpenEntry {
  readonly sequence: number;
  readonly receivedMs: number;
  readonly entry: TransferEntry | PriorityEntry;
}

/** The content of one future batch. */
export interface Segment {
  readonly entries: readonly OpenEntry[];
  readonly packing: Packing;
}

/** The state in memory. All methods are synchronous: between two awaits it is always consistent. */
export interface Ledger {
  /** Sealed state. The batcher changes it chunk by chunk while it seals. */
  readonly state: RollupState;
  /** Sealed state and all accepted operations. */
  readonly pending: StateView;
  readonly directory: Directory;
  readonly leaves: LeafAllocator;
  /** Contents that are cut but not sealed, oldest first. */
  readonly cutSegments: readonly Segment[];
  /** The content under construction. */
  readonly open: Segment;
  /** Transfers in no batch yet. */
  readonly openTransferCount: number;
  /** Appends an accepted operation. Cuts first when it cannot, or must not, join the open content. */
  append(entry: OpenEntry, context: ChunkContext): void;
  /** Ends the open content, if it has any; not in the middle of a group of the queue. */
  cut(): void;
  /** Lowest sequence of an open operation that is not in the first cut segment. */
  lowestAfterFirst(): number | undefined;
  /** The first cut segment is sealed, or all of it was dropped: `state` includes it from now on. */
  completeFirst(context: ChunkContext): void;
}

interface MutableSegment extends Segment {
  readonly entries: OpenEntry[];
  /**
   * Leaves that its operations name and that are empty in the sealed state. They stay reserved until the segment is
   * sealed: a signature that names an index must not meet another account there.
   */
  readonly namedLeaves: Set<number>;
}

/** The fee token that a transfer occupies: its sender's token when it pays a fee. */
function feeTokenOf({ entry }: OpenEntry, view: StateView): number | undefined {
  const { from, feeFloat } = entry.operation.fields;
  return float16.decode(BigInt(feeFloat)) === 0n ? undefined : view.get(from)?.tokenId;
}

/** Applies an entry to the pending state. One that is no longer valid has no effect; sealing will drop it. */
function applyEntry(pending: StateOverlay, directory: Directory, { entry }: OpenEntry, context: ChunkContext): void {
  const nonce = entry.type === 'transfer' ? entry.nonce : 0;
  const operation = entry.type === 'priority' ? withExitAmount(pending, entry) : entry.operation;
  const applied = applyTrusted(pending, operation, nonce, context);
  if ('refusal' in applied) return;
  for (const change of applied.effects.changes) {
    pending.write(change);
    const { index, before, after } = change;
    if (before !== undefined || after === undefined) continue;
    if (entry.type === 'priority') directory.addCertain(index, after);
    else directory.addPending(index, after);
  }
}

function emptySegment({ profile, limits }: BatchRoom): MutableSegment {
  return { entries: [], packing: createPacking(profile, limits), namedLeaves: new Set() };
}

/** Queue index of the last operation of the entry's group. */
function groupEndOf({ queueIndex, groupEnd = queueIndex }: PriorityEntry): number {
  return groupEnd;
}

/** Whether some of the last group are still to come: it is executed whole, so nothing is cut behind its first ones. */
function isInsideGroup({ entries }: Segment): boolean {
  const entry = entries.findLast(({ entry: { type } }) => type === 'priority')?.entry;
  return entry?.type === 'priority' && entry.queueIndex < groupEndOf(entry);
}

/** Takes room for the entry in the segment, for the first of a group for all of them. @returns whether there was any. */
function join(segment: MutableSegment, open: OpenEntry, view: StateView): boolean {
  const { packing } = segment;
  const { entry } = open;
  if (entry.type === 'transfer') return packing.addTransfer(feeTokenOf(open, view), loadOf(entry.operation.fields));
  return isInsideGroup(segment) || packing.addPriority(groupEndOf(entry) - entry.queueIndex + 1);
}

/** The lowest sequence in these segments; undefined when they are empty. */
function lowestSequence(segments: readonly Segment[]): number | undefined {
  const sequences = segments.flatMap(({ entries }) => entries.map(({ sequence }) => sequence));
  return sequences.length === 0 ? undefined : sequences.reduce((lowest, sequence) => Math.min(lowest, sequence));
}

/** After a seal: leaves that have an account now are known, those that nothing names any more are free. */
function settleLeaves(
  { namedLeaves }: MutableSegment,
  {
    state,
    directory,
    leaves,
    isNamed,
  }: Pick<Ledger, 'state' | 'directory' | 'leaves'> & {
    readonly isNamed: (leaf: number) => boolean;
  },
): void {
  for (const leaf of namedLeaves) {
    const account = state.get(leaf);
    if (account !== undefined) directory.addCertain(leaf, account);
    else if (!isNamed(leaf)) leaves.release(leaf);
  }
}

/** A ledger over the sealed `state`. */
export function createLedger(room: BatchRoom, state: RollupState, onCut: () => void): Ledger {
  const directory = createDirectory();
  const leaves = createLeafAllocator();
  let pending = new StateOverlay(state);
  let open = emptySegment(room);
  const cutSegments: MutableSegment[] = [];
  let openTransferCount = 0;

  for (const [index, account] of state.accounts()) {
    leaves.occupy(index);
    directory.addCertain(index, account);
  }

  const cut = (): void => {
    if (open.entries.length === 0 || isInsideGroup(open)) return;
    cutSegments.push(open);
    open = emptySegment(room);
    onCut();
  };

  return {
    state,
    get pending() {
      return pending;
    },
    directory,
    leaves,
    cutSegments,
    get open() {
      return open;
    },
    get openTransferCount() {
      return openTransferCount;
    },
    append(entry, context) {
      const { operation, type } = entry.entry;
      // Deposits commute with the transfers before them; a forced exit does not, so it starts a batch of its own.
      if (operation.fields.kind === RecordKind.forcedExit && open.packing.transferCount > 0) cut();
      if (!join(open, entry, pending)) {
        cut();
        join(open, entry, pending);
      }
      open.entries.push(entry);
      if (type === 'transfer') openTransferCount += 1;
      for (const leaf of namedBy(entry)) {
        if (state.get(leaf) !== undefined) continue;
        leaves.occupy(leaf);
        open.namedLeaves.add(leaf);
      }
      applyEntry(pending, directory, entry, context);
      if (open.packing.isFull) cut();
    },
    cut,
    lowestAfterFirst() {
      return lowestSequence([...cutSegments.slice(1), open]);
    },
    completeFirst(context) {
      const done = cutSegments.shift();
      if (done === undefined) return;
      openTransferCount -= done.packing.transferCount;
      const isNamed = (leaf: number) => [...cutSegments, open].some(({ namedLeaves }) => namedLeaves.has(leaf));
      settleLeaves(done, { state, directory, leaves, isNamed });
      pending = new StateOverlay(state);
      for (const entry of [...cutSegments, open].flatMap(({ entries }) => entries)) {
        applyEntry(pending, directory, entry, context);
      }
    },
  };
}

/** The leaves that an operation names. */
function namedBy({ entry }: OpenEntry): number[] {
  const { kind, from, to } = entry.operation.fields;
  if (kind === RecordKind.transfer) return [from, to];
  return kind === RecordKind.deposit ? [to] : kind === RecordKind.transferToNew ? [from, to] : [from];
}

/** A priority operation with the amount that an exit pays in the state of `view`. */
export function withExitAmount(view: StateView, { operation }: PriorityEntry): PriorityEntry['operation'] {
  if (operation.fields.kind !== RecordKind.forcedExit) return operation;
  const [w0, w1] = operation.words as [bigint, bigint];
  return { ...operation, words: [w0, w1, forcedExitAmount(view.get(operation.fields.from), w1)] };
}
