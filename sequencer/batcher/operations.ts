/** Rebuilds the operations of sealed chunks from the database. */

import { isSignedKind, type Operation, type Profile, recordsOf } from '@quittance/protocol';
import { type ChunkRow, databaseDamaged, type Storage } from '../../storage/index.ts';

/**
 * The chunk's operations: records from its data, words from its visible list, signatures from the log.
 *
 * @throws RollupError DATABASE_DAMAGED when a signature is missing.
 */
export function operationsOf(storage: Storage, profile: Profile, chunk: ChunkRow): Operation[] {
  const sequences = new Map(
    storage.outcomes
      .placementsOf(chunk.batch)
      .filter((placement) => placement.chunk === chunk.index)
      .map(({ slot, sequence }) => [slot, sequence]),
  );
  const content = { form: 'calldata', chunks: [chunk.data], visible: [chunk.visible] } as const;
  const [records] = recordsOf(content, profile.slotsPerChunk);
  return records!.map((record, slot) => {
    if (!isSignedKind(record.fields.kind)) return record;
    const sequence = sequences.get(slot);
    const entry = sequence === undefined ? undefined : storage.log.get(sequence)?.entry;
    if (entry?.type !== 'transfer' || entry.operation.authorization === undefined) {
      throw databaseDamaged(
        storage.file,
        `batch ${chunk.batch} has no signature for slot ${slot} of chunk ${chunk.index}`,
      );
    }
    return { ...record, authorization: entry.operation.authorization };
  });
}
