/** Where the operations of the log were executed, looked up in the chunks. */

import type { StoredChunk } from './chunks.ts';
import { CHUNKS } from './chunks.ts';
import type { Database } from './database.ts';
import { decodePlaces, findPlace, sequencesIn } from './places.ts';
import { createTable, type Stored } from './table.ts';

/** Where an operation was executed. */
export interface Placement {
  readonly sequence: number;
  readonly batch: number;
  readonly chunk: number;
  readonly slot: number;
  /** Position among the withdrawals of the batch. */
  readonly withdrawal: number | undefined;
}

/** Access to placements. */
export interface PlacementRepository {
  placementOf(sequence: number): Placement | undefined;
  /** As `placementOf`, for many: each chunk is read once. For as long as no batch is sealed or removed. */
  createFinder(): (sequence: number) => Placement | undefined;
  /** In the order of their execution. */
  placementsOf(batch: number): Placement[];
  /** Sequences above `sequence` that are in a batch. */
  placedAbove(sequence: number): Set<number>;
}

const ofChunk = ({ batch, position: chunk, places }: StoredChunk): Placement[] =>
  decodePlaces(places).flatMap((place, slot) => (place === undefined ? [] : [{ batch, chunk, slot, ...place }]));

/** The placements in `database`. */
export function createPlacementRepository(database: Database): PlacementRepository {
  const table = createTable(database, CHUNKS);
  // The order of the log and that of the chunks is the same for each of the two kinds of operations.
  const kinds = (['first_transfer', 'first_priority'] as const).map((first) => ({
    upTo: database.prepare<[number], Stored<StoredChunk>>(
      `SELECT * FROM chunks WHERE ${first} <= ? ORDER BY ${first} DESC LIMIT 1`,
    ),
    nameUpTo: database.prepare<[number], Pick<StoredChunk, 'batch' | 'position'>>(
      `SELECT batch, position FROM chunks WHERE ${first} <= ? ORDER BY ${first} DESC LIMIT 1`,
    ),
  }));
  const one = database.prepare<[number, number], Stored<StoredChunk>>(
    'SELECT * FROM chunks WHERE batch = ? AND position = ?',
  );
  const ofBatch = database.prepare<[number], Stored<StoredChunk>>(
    'SELECT * FROM chunks WHERE batch = ? ORDER BY position',
  );

  const createFinder: PlacementRepository['createFinder'] = () => {
    const read = new Map<string, StoredChunk>();
    const chunkNamed = ({ batch, position }: Pick<StoredChunk, 'batch' | 'position'>): StoredChunk => {
      const name = `${batch}:${position}`;
      const chunk = read.get(name) ?? table.checked(one.get(batch, position)!);
      read.set(name, chunk);
      return chunk;
    };
    return (sequence) => {
      for (const { nameUpTo } of kinds) {
        const name = nameUpTo.get(sequence);
        const place = name && findPlace(chunkNamed(name).places, sequence);
        if (place !== undefined) return { batch: name!.batch, chunk: name!.position, ...place };
      }
      return undefined;
    };
  };

  return {
    createFinder,
    placementOf: (sequence) => createFinder()(sequence),
    placementsOf: (batch) => ofBatch.all(batch).flatMap((row) => ofChunk(table.checked(row))),
    placedAbove(sequence) {
      const placed = new Set<number>();
      for (const [kind, { upTo }] of kinds.entries()) {
        for (let below = Number.MAX_SAFE_INTEGER; ; ) {
          const row = upTo.get(below);
          const above = row && [...sequencesIn(table.checked(row).places)].filter((one) => one > sequence);
          if (row === undefined || above === undefined || above.length === 0) break;
          for (const one of above) placed.add(one);
          below = (kind === 0 ? row.first_transfer! : row.first_priority!) - 1;
        }
      }
      return placed;
    },
  };
}
