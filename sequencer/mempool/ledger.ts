/**
 * The state in memory: the sealed state with its tree, the pending state on top of it, and the accepted operations that
 * are in no batch yet, cut into the contents of future batches.
 */

import { type ChunkContext, type Effects, type ExecutionState, RecordKind, type StateView } from '@quittance/protocol';
import type { BatchRoom } from './data-limits.ts';
import { createDirectory, type Directory } from './directory.ts';
import { createLeafAllocator, type LeafAllocator } from './leaf-allocator.ts';
import { namedBy, type OpenEntry } from './open-entry.ts';
import { applySegments, PendingState } from './pending.ts';
import { addEntry, emptySegment, isInsideGroup, type MutableSegment, type Segment, takeRoom } from './segment.ts';

/** How the first cut segment was sealed. */
export interface SealedSegment {
  /** Indices of the leaves that it changed. */
  readonly changed: Iterable<number>;
  /** Whether some of it was dropped. */
  readonly hasDrops: boolean;
}

/** The state in memory. All methods are synchronous: between two awaits it is always consistent. */
export interface Ledger {
  /** Sealed state. It changes while a batch is sealed, all at once and before `pending` is told of it. */
  readonly state: ExecutionState;
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
  /**
   * Appends an accepted operation. Cuts first when it cannot, or must not, join the open content.
   *
   * @param effects those that it has on the present pending state, if whoever asks has just judged it.
   */
  append(entry: OpenEntry, context: ChunkContext, effects?: Effects): void;
  /** Ends the open content, if it has any; not in the middle of a group of the queue. */
  cut(): void;
  /** Lowest sequence of an open operation that is not in the first cut segment. */
  lowestAfterFirst(): number | undefined;
  /**
   * The first cut segment is sealed, or all of it was dropped: `state` includes it from now on. Runs entry by entry, so that
   * others can be appended in between.
   */
  completeFirst(sealed: SealedSegment, context: ChunkContext): Generator<void, void, void>;
}

/** The lowest sequence in these segments; undefined when they are empty. */
function lowestSequence(segments: readonly Segment[]): number | undefined {
  const sequences = segments.flatMap(({ lowestSequence: lowest }) => lowest ?? []);
  return sequences.length === 0 ? undefined : Math.min(...sequences);
}

/** After a seal: leaves that have an account now are known, those that nothing names any more are free. */
function* settleLeaves(
  { namedLeaves }: MutableSegment,
  {
    state,
    directory,
    leaves,
    isNamed,
  }: Pick<Ledger, 'state' | 'directory' | 'leaves'> & {
    readonly isNamed: (leaf: number) => boolean;
  },
): Generator<void, void, void> {
  for (const leaf of namedLeaves) {
    const account = state.get(leaf);
    if (account !== undefined) directory.addCertain(leaf, account);
    else if (!isNamed(leaf)) leaves.release(leaf);
    yield;
  }
}

export interface LedgerOptions {
  readonly room: BatchRoom;
  /** The sealed state. */
  readonly state: ExecutionState;
  /** Key and L1 owner of the accounts that get the fees. */
  readonly operator: { readonly keyY: bigint; readonly owner: bigint };
  /** Told of each cut. */
  readonly onCut: () => void;
}

/** A ledger over a sealed state. */
export function createLedger({ room, state, operator, onCut }: LedgerOptions): Ledger {
  const directory = createDirectory();
  const leaves = createLeafAllocator();
  const emptyPending = (): PendingState =>
    new PendingState(state, directory, (tokenId) => directory.find(operator.keyY, operator.owner, tokenId));
  let pending = emptyPending();
  let open = emptySegment(room);
  const cutSegments: MutableSegment[] = [];
  let openTransferCount = 0;

  for (const [index, account] of state.accounts()) {
    leaves.occupy(index);
    directory.addCertain(index, account);
  }

  const cut = (): void => {
    if (open.entries.length === 0 || isInsideGroup(open)) return;
    pending.complete(open);
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
    append(entry, context, effects) {
      const { operation, type } = entry.entry;
      const before = open;
      // Deposits commute with the transfers before them; a forced exit does not, so it starts a batch of its own.
      if (operation.fields.kind === RecordKind.forcedExit && open.packing.transferCount > 0) cut();
      if (!takeRoom(open, entry, pending)) {
        cut();
        takeRoom(open, entry, pending);
      }
      addEntry(open, entry);
      if (type === 'transfer') openTransferCount += 1;
      for (const leaf of namedBy(entry)) {
        if (state.get(leaf) !== undefined) continue;
        leaves.occupy(leaf);
        open.namedLeaves.add(leaf);
      }
      // A cut paid fees, so whatever was judged before it is judged again.
      pending.apply(open, entry, context, open === before ? effects : undefined);
      if (open.packing.isFull) cut();
    },
    cut,
    lowestAfterFirst() {
      return lowestSequence([...cutSegments.slice(1), open]);
    },
    *completeFirst({ changed, hasDrops }, context) {
      const done = cutSegments.shift();
      if (done === undefined) return;
      openTransferCount -= done.packing.transferCount;
      const isRight = yield* pending.settle(done, changed);
      if (!isRight || hasDrops) {
        const fresh = emptyPending();
        yield* applySegments(fresh, () => [...cutSegments, open], context);
        pending = fresh;
      }
      // Only now: in a leaf that a drop frees, the pending state had an account.
      const isNamed = (leaf: number) => [...cutSegments, open].some(({ namedLeaves }) => namedLeaves.has(leaf));
      yield* settleLeaves(done, { state, directory, leaves, isNamed });
    },
  };
}
