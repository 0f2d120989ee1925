/** What services keep on disk: SQLite in WAL mode; for the sequencer a hash-chained log with a witness of its head. */

export { acceptCopy, copyInvalid } from './accept-copy.ts';
export { type ArchiveFolder, createArchiveFolder } from './archive-folder.ts';
export type { BatchRow, BatchState, Inclusion } from './batches.ts';
export { createBlobFolder } from './blob-folder.ts';
export { BALANCE_BYTES, FIELD_BYTES, fromBytes, OWNER_BYTES, toBytes } from './bytes.ts';
export type { ChunkRow } from './chunks.ts';
export { databaseDamaged } from './damage.ts';
export { type Database, IN_MEMORY, LIMIT } from './database.ts';
export type { LogHead } from './head-file.ts';
export { journalBehind, journalDamaged, notLeader, termEnded } from './journal/errors.ts';
export { forgetJournal, hasJournal, openJournal, openJournalOf } from './journal/open.ts';
export { segmentOf } from './journal/segment.ts';
export {
  type Journal,
  type JournalOptions,
  type JournalRow,
  LEASE_MARGIN_MS,
  LEASE_RENEW_MS,
  type LeaseHolder,
  type LeaseTerm,
  MAX_APPENDS_IN_FLIGHT,
  MAX_SEGMENT_ENTRIES,
  type NodeRow,
  type Quorum,
  type Segment,
} from './journal/types.ts';
export {
  decodeEntry,
  encodeRow,
  type LogEntry,
  type LoggedEntry,
  type LoggedPriority,
  type LoggedTransfer,
  type PaymentReference,
  type PriorityEntry,
  type PriorityPlace,
  type SealEntry,
  type TransferEntry,
  type UnsealEntry,
} from './log-codec.ts';
export { accountKey, accountsOf, creationKey, type LookupKey, ownerKey, referenceKey } from './lookup-keys.ts';
export { createMetaRepository, META, type MetaRepository } from './meta.ts';

export { partOf, prepareNew } from './new-file.ts';
export type { Drop } from './outcomes.ts';
export type { Placement } from './placements.ts';
export type { Place } from './places.ts';
export type { PriorityRow } from './priority.ts';
export { readCopy } from './read-copy.ts';
export { type SalvageReport, salvageDatabase } from './salvage/salvage.ts';
export type { ChunkPlan, SealedDrop, SealPlan, SequenceRun } from './seal-plan.ts';
export { readSnapshotFile, readSnapshotIfThere, writeSnapshotFile } from './snapshot-file.ts';
export { openStorage, type Storage } from './storage.ts';
export { checkRows, createTable, type Stored, type TableShape } from './table.ts';
export { takenBack } from './taken-back.ts';
export { openWitnessed } from './witnessed.ts';
