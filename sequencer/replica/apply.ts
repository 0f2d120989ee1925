/**
 * Applies the journal to the database of a follower, a segment at a time: the same rows as on the leader, in one commit, after
 * what the segment seals was executed and came to the same.
 */

import { type Deployment, isRollupError, type StoredHeader } from '@quittance/protocol';
import {
  decodeEntry,
  type JournalRow,
  journalDamaged,
  type LogEntry,
  type LoggedTransfer,
  type PriorityEntry,
  type Segment,
} from '../../storage/index.ts';
import { announceSealed, reportSealed } from '../batcher/outcomes.ts';
import { sealedThrough, stageSeal, writeSeal } from '../batcher/seal.ts';
import { inSlices } from '../batcher/slices.ts';
import type { SequencerContext } from '../context.ts';
import type { OpenEntry } from '../mempool/open-entry.ts';
import { isOnL1 } from '../publisher/batch-states.ts';
import { announceTakenBack } from '../reorg/outcomes.ts';
import { accountsIfFolded, applyTakeBack, foresee, isTakeBack } from '../reorg/take-back.ts';
import { removeSealed } from '../start/unseal.ts';
import { type ExecutedSeal, executeSeal } from './execute-seal.ts';
import type { FollowedLedger } from './followed-ledger.ts';

/** What a follower has in memory. */
export interface Followed {
  readonly ledger: FollowedLedger;
  /** Header of the last sealed batch, or of the genesis. */
  parent: StoredHeader;
}

export interface ApplyOptions {
  readonly context: SequencerContext;
  readonly deployment: Deployment;
  readonly genesis: StoredHeader;
  /** The present state; it is another one after batches were opened again. */
  readonly followed: () => Followed;
  /** Makes it anew, from the database. */
  readonly restore: () => Promise<void>;
  /** Told of each batch that is durable. */
  readonly onSealed: (number: number) => void;
  /** Lets other work run, between slices of a few milliseconds. */
  readonly pause: () => Promise<void>;
}

/** An entry with its bytes, and the batch that it seals. */
interface Step {
  readonly row: JournalRow;
  readonly entry: LogEntry;
  readonly sealed?: ExecutedSeal & { readonly number: number };
  /** All accounts before the batch that it opens again, where the database could not say them. */
  readonly accounts?: Uint8Array | undefined;
}

const openOf = ({ row, entry }: Step): OpenEntry | undefined =>
  entry.type === 'transfer' || entry.type === 'priority'
    ? { sequence: row.sequence, receivedMs: row.received_ms, entry }
    : undefined;

const isTransfer = (open: OpenEntry): open is LoggedTransfer => open.entry.type === 'transfer';

function insertPriority({ storage }: SequencerContext, sequence: number, entry: PriorityEntry): void {
  const { queueIndex, operation, place } = entry;
  if (place === undefined) {
    const reason = `its entry ${sequence} does not say where on L1 its operation was requested`;
    throw journalDamaged(reason);
  }
  storage.priority.insert({ queueIndex, sequence, kind: operation.fields.kind, ...place });
}

/** Opens batches again that the leader found not to be on L1, even if this node has not seen yet that they no longer are. */
function takeBack({ storage }: SequencerContext, number: number): void {
  const posted = storage.batches.range(number, Number.MAX_SAFE_INTEGER).filter(({ state }) => isOnL1(state));
  for (const batch of posted) storage.batches.setUnposted(batch.number, 'sealed');
  removeSealed(storage, number);
}

/** Writes what belongs to an entry, and the entry. Call it inside a commit. */
function write(context: SequencerContext, { row, entry, sealed, accounts }: Step): void {
  const { storage } = context;
  if (isTakeBack(entry)) applyTakeBack(storage, entry, row.sequence, accounts);
  else if (entry.type === 'unseal') takeBack(context, entry.batch);
  if (entry.type === 'seal' && sealed !== undefined) {
    const { lastSequence } = entry;
    const rows = { storage, ...sealed, lastSequence, nowMs: row.received_ms, isShadowed: entry.shadowed === true };
    writeSeal(rows, sealedThrough(storage) + 1);
  }
  storage.log.adopt(row, entry);
  if (entry.type === 'priority') insertPriority(context, row.sequence, entry);
}

/** Applies segments, one after the other. */
export interface Applier {
  /**
   * @throws RollupError REPLICA_DIVERGED, with database and memory as before; JOURNAL_DAMAGED, or as `Storage.commit`: the state
   * in memory must be made anew then.
   */
  apply(segment: Segment): Promise<void>;
}

/** An applier over the database of `context`. */
export function createApplier(options: ApplyOptions): Applier {
  const { context, deployment, genesis, followed, restore, onSealed, pause } = options;
  const { storage, events } = context;

  /** Brings the memory behind the entry. */
  const execute = async (row: JournalRow, entry: LogEntry): Promise<Step> => {
    const { ledger, parent } = followed();
    const open = openOf({ row, entry });
    if (open !== undefined) ledger.append(open);
    if (isTakeBack(entry)) return { row, entry, accounts: await accountsIfFolded(context, genesis, entry.batch - 1) };
    if (entry.type !== 'seal') return { row, entry };
    const { state, openEntry, begin } = ledger;
    const sealed = await executeSeal({ context, deployment, state, openEntry, onPlanned: begin, pause }, entry, parent);
    const { batch } = sealed;
    if (batch !== undefined) await inSlices(stageSeal(storage, batch), pause);
    ledger.complete([...(batch?.changes ?? [])].map(({ index }) => index));
    followed().parent = batch?.header ?? parent;
    return { row, entry, sealed: { ...sealed, number: parent.number + 1 } };
  };

  const announceEntries = (steps: readonly Step[]): void => {
    const entries = steps.flatMap((step) => openOf(step) ?? []);
    if (entries.length > 0) events.emit('appended', { entries });
    for (const logged of entries) {
      if (!isTransfer(logged)) continue;
      events.emit('transfer', { id: logged.entry.id, sequence: logged.sequence, status: 'pending', logged });
    }
  };
  /** Tells of a seal that is durable. */
  const announceSeal = async ({ batch, drops, entries }: ExecutedSeal): Promise<void> => {
    announceSealed(context, batch, drops);
    if (batch !== undefined) onSealed(batch.header.number);
    const { state } = followed().ledger;
    const all = [...entries, ...drops.map(({ source }) => source)];
    await inSlices(
      reportSealed(context, all, batch, drops, (index) => state.get(index)!.tokenId),
      pause,
    );
  };

  /** @param chain after the last of them; not said of a part of a segment. */
  const commit = async (steps: readonly Step[], chain: Buffer | undefined): Promise<void> => {
    storage.commit(() => {
      for (const step of steps) write(context, step);
      const { sequence, chain: actual } = storage.log.head();
      if (chain === undefined || actual.equals(chain)) return;
      const reason = `it has another hash at entry ${sequence} than its entries come to`;
      throw journalDamaged(reason);
    });
    announceEntries(steps);
    for (const { sealed } of steps) if (sealed !== undefined) await announceSeal(sealed);
  };

  const applyAll = async ({ rows, chain }: Segment): Promise<void> => {
    let steps: Step[] = [];
    for (const row of rows) {
      const entry = decodeEntry(row, storage.file);
      // A leader opens batches again before it does anything else, so this stands alone in its segment.
      if (entry.type === 'unseal' && steps.length > 0) await commit(steps.splice(0), undefined);
      steps.push(await execute(row, entry));
      if (entry.type !== 'unseal') continue;
      const undone = isTakeBack(entry) ? foresee(storage, entry) : undefined;
      await commit(steps, row === rows.at(-1) ? chain : undefined);
      if (undone !== undefined) announceTakenBack(context, undone);
      await restore();
      steps = [];
    }
    if (steps.length > 0) await commit(steps, chain);
  };

  return {
    async apply(segment) {
      try {
        await applyAll(segment);
      } catch (error) {
        // The state in memory is that of a batch which this database does not have; reads go on from what it has.
        if (isRollupError(error, 'REPLICA_DIVERGED')) await restore();
        throw error;
      }
    },
  };
}
