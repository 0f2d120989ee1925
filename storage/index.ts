/** What the sequencer keeps on disk: SQLite in WAL mode, hash-chained log, witness of its head. */

export type { BatchRepository, BatchRow, BatchState, Inclusion } from './batches.ts';
export type { ChunkRepository, ChunkRow } from './chunks.ts';
export type { LeafRepository } from './leaves.ts';
export type { LogRepository } from './log.ts';
export type { LogEntry, LoggedEntry, PriorityEntry, SealEntry, TransferEntry, UnsealEntry } from './log-codec.ts';
export type { MetaRepository } from './meta.ts';
export type { Drop, OutcomeRepository, Placement } from './outcomes.ts';
export type { PriorityRepository, PriorityRow } from './priority.ts';
export { openStorage, type Storage, type StorageOptions } from './storage.ts';
