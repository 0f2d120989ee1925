/** What a maker of witnesses has to offer. */

import type { CircuitInput, WitnessTape } from '../../native/index.ts';
import type { TiledSystem } from '../tiling/layout.ts';
import type { TaskOptions } from '../types.ts';

/** An input of a native calculator. */
export type TapeInput = WitnessTape['inputs'][number];

/** Inputs of all instances of a tile that lie in bytes, for who takes such; and by name. */
export interface PackedInputs {
  /** Instances. */
  readonly count: number;
  named(): readonly CircuitInput[];
  /**
   * The elements of the instances from `first` to before `end`, 32 little-endian bytes each, in the order of a calculator's
   * inputs.
   *
   * @throws RollupError WITNESS_REJECTED when the calculator has other inputs.
   */
  elements(inputs: readonly TapeInput[], first: number, end: number): Uint8Array;
}

/** Inputs of all instances of a tile, by the tile's name. */
export type TileInputs = Readonly<Record<string, readonly CircuitInput[] | PackedInputs>>;

/** Inputs of all instances by name. */
export function namedInputs(inputs: TileInputs[string] | undefined): readonly CircuitInput[] {
  if (inputs === undefined) return [];
  return 'named' in inputs ? inputs.named() : inputs;
}

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
