/** What services keep on disk: SQLite in WAL mode; for the sequencer a hash-chained log with a witness of its head. */

export type { BatchRepository, BatchRow, BatchState, Inclusion } from './batches.ts';
export { BALANCE_BYTES, FIELD_BYTES, fromBytes, OWNER_BYTES, toBytes } from './bytes.ts';
export type { ChunkRepository, ChunkRow } from './chunks.ts';
export { databaseDamaged } from './damage.ts';
export { type Database, IN_MEMORY, openDatabase } from './database.ts';
export type { LeafRepository } from './leaves.ts';
export type { LogRepository } from './log.ts';
export type { LogEntry, LoggedEntry, PriorityEntry, SealEntry, TransferEntry, UnsealEntry } from './log-codec.ts';
export { createMetaRepository, type MetaRepository } from './meta.ts';
export type { Drop, OutcomeRepository, Placement } from './outcomes.ts';
export type { PriorityRepository, PriorityRow } from './priority.ts';
export { openStorage, type Storage, type StorageOptions } from './storage.ts';
