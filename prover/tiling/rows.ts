/** The rows of a tiled system, instance by instance. */

import { type TiledSystem, wireMap } from './layout.ts';

/** One tile instance's rows in the whole system: the tile's rows with `wires` mapped, starting at `firstRow`. */
export interface InstanceRows {
  readonly tileIndex: number;
  readonly instanceIndex: number;
  readonly firstRow: number;
  /** Chunk wire of each tile wire. */
  readonly map: Uint32Array;
}

/** The tile instances in row order; rows of the zero wires follow the last one. */
export function* instanceRows({ layout, systems }: TiledSystem): Generator<InstanceRows> {
  let firstRow = 0;
  for (const [tileIndex, tile] of layout.tiles.entries()) {
    const system = systems[tileIndex]!;
    for (const [instanceIndex, instance] of tile.instances.entries()) {
      yield { tileIndex, instanceIndex, firstRow, map: wireMap(system, instance) };
      firstRow += system.constraintCount;
    }
  }
}
