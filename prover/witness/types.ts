/** What a maker of witnesses has to offer. */

import type { CircuitInput } from '../../native/index.ts';
import type { TiledSystem } from '../tiling/layout.ts';
import type { TaskOptions } from '../types.ts';

/** Inputs of all instances of a tile, by the tile's name. */
export type TileInputs = Readonly<Record<string, readonly CircuitInput[]>>;

/** Makes witnesses of tiled systems. */
export interface WitnessGenerator {
  /** Whether a witness that breaks a constraint may come out: then whoever uses it has to evaluate the constraints. */
  readonly isTotal: boolean;
  /**
   * The witness of a tiled system: `wireCount` elements of 32 little-endian bytes.
   *
   * @throws RollupError WITNESS_REJECTED with `tile` and `instanceIndex` when a circuit refuses its inputs or two
   * neighbors disagree; CANCELLED.
   */
  generate(tiled: TiledSystem, inputs: TileInputs, options?: TaskOptions): Promise<Uint8Array>;
  close(): Promise<void>;
}
