/** Rebuilds the operations of sealed batches from the database. */

import {
  isSignedKind,
  type Operation,
  type Profile,
  type RecordData,
  recordsOf,
  viewOf,
  WORD_BYTES,
  writeWord,
} from '@quittance/protocol';
import { type ChunkRow, databaseDamaged, type Storage } from '../../storage/index.ts';

function recordsOfRows(rows: readonly ChunkRow[], { slotsPerChunk }: Profile): RecordData[][] {
  const data = { chunks: rows.map((row) => row.data), visible: rows.map(({ visible }) => visible) };
  return recordsOf({ form: 'calldata', ...data }, slotsPerChunk);
}

/** The batch's records by chunk and slot, unsigned, with their words. @throws RollupError as `recordsOf` when the data is no batch's. */
export function recordsIn(storage: Storage, profile: Profile, batch: number): RecordData[][] {
  return recordsOfRows(storage.chunks.ofBatch(batch), profile);
}

/**
 * The batch's operations by chunk and slot: records from its data, words from its visible lists, signatures from the log.
 *
 * Those that the log has no entry of are unsigned.
 *
 * @throws RollupError DATABASE_DAMAGED when an entry has no signature; as `recordsOf` when the data is no batch's.
 */
export function operationsOf(storage: Storage, profile: Profile, batch: number): Operation[][] {
  const rows = storage.chunks.ofBatch(batch);
  const places = rows.map(() => new Map<number, number>());
  for (const { chunk, slot, sequence } of storage.outcomes.placementsOf(batch)) places[chunk]?.set(slot, sequence);
  const signed = (record: RecordData, chunk: number, slot: number): Operation => {
    if (!isSignedKind(record.fields.kind)) return record;
    const sequence = places[chunk]!.get(slot);
    // Of a batch that was made anew from L1, which has no signatures of what was proven; a start counts the others.
    if (sequence === undefined) return record;
    const entry = storage.log.get(sequence)?.entry;
    if (entry?.type !== 'transfer' || entry.operation.authorization === undefined) {
      throw databaseDamaged(storage.file, `batch ${batch} has no signature for slot ${slot} of chunk ${chunk}`);
    }
    return { ...record, authorization: entry.operation.authorization };
  };
  return recordsOfRows(rows, profile).map((records, chunk) =>
    records.map((record, slot) => signed(record, chunk, slot)),
  );
}

/** The ids of the batch's transfers as an engine takes them: 32 bytes a slot, 0 where there is none. */
export function idsOf(storage: Storage, { slotsPerChunk }: Profile, batch: number): Uint8Array {
  const ids = new Uint8Array(storage.chunks.ofBatch(batch).length * slotsPerChunk * WORD_BYTES);
  for (const { chunk, slot, sequence } of storage.outcomes.placementsOf(batch)) {
    const entry = storage.log.get(sequence)?.entry;
    if (entry?.type === 'transfer') writeWord(viewOf(ids), (chunk * slotsPerChunk + slot) * WORD_BYTES, entry.id);
  }
  return ids;
}
