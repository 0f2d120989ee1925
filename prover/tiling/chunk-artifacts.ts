/** The circuits of a profile's chunk, compiled and laid out. */

import { join } from 'node:path';
import { type CompileOptions, compileCircuit } from '../artifacts/compile.ts';
import { hashJson } from '../artifacts/hash.ts';
import { ensureArtifact } from '../artifacts/store.ts';
import { DEFAULT_BUILD_DIRECTORY } from '../paths.ts';
import { type ChunkTiles, chunkLayout, TILE_NAMES } from './chunk.ts';
import { type TiledSystem, writeLayout } from './layout.ts';
import { loadTile, type Tile } from './tile.ts';

const LAYOUT_FORMAT = 1;
const LAYOUT_FILE = 'layout.json';

/** The compiled circuits of a chunk and how they are put together. */
export interface ChunkArtifacts {
  readonly slotCount: number;
  readonly tiles: ChunkTiles;
  readonly tiled: TiledSystem;
  readonly layoutPath: string;
  /** sha256 over the tiles' sources and the tiling. */
  readonly inputsHash: string;
}

/** Compiles what is stale and lays a chunk of `slotCount` slots out. @throws as `compileCircuit`, `chunkLayout`. */
export async function prepareChunkArtifacts(slotCount: number, options: CompileOptions = {}): Promise<ChunkArtifacts> {
  // One after the other: each compilation takes a core and its memory.
  const loaded: Tile[] = [];
  for (const name of TILE_NAMES) loaded.push(await loadTile(await compileCircuit(name, options)));
  const tiles = Object.fromEntries(loaded.map((tile) => [tile.name, tile])) as ChunkTiles;
  const tiled = chunkLayout(slotCount, tiles);
  const inputsHash = hashJson({
    format: LAYOUT_FORMAT,
    slotCount,
    tiles: loaded.map((tile) => tile.circuit.inputsHash),
    layout: { ...tiled.layout, tiles: tiled.layout.tiles.map(({ name, instances }) => ({ name, instances })) },
  });
  const directory = join(
    options.buildDirectory ?? DEFAULT_BUILD_DIRECTORY,
    'circuits',
    `chunk${slotCount}-${inputsHash.slice(0, 16)}`,
  );
  await ensureArtifact({
    directory,
    inputsHash,
    logger: options.logger,
    signal: options.signal,
    build: async (temporary) => {
      await writeLayout(join(temporary, LAYOUT_FILE), tiled.layout);
      return { kind: 'layout', slotCount, constraintCount: tiled.layout.constraintCount };
    },
  });
  return { slotCount, tiles, tiled, layoutPath: join(directory, LAYOUT_FILE), inputsHash };
}
