/** Witnesses by the addon. */

import { isRollupError, RollupError } from '@quittance/protocol';
import type { WitnessTape } from '../../native/index.ts';
import type { CompiledCircuit, CompileOptions } from '../artifacts/compile.ts';
import { ELEMENT_BYTES } from '../formats/field.ts';
import type { TiledSystem } from '../tiling/layout.ts';
import type { TaskOptions } from '../types.ts';
import { WitnessAssembler } from './assembler.ts';
import { openCircuitTape } from './tape.ts';
import type { TileInputs, WitnessGenerator } from './types.ts';

/** Instances of a call: enough for all lanes of all cores, and a bound on what lies in memory beside the result. */
const INSTANCES_PER_CALL = 128;

/** Calculates the witnesses of tiles natively, many instances of a tile at once, from circom's compiled calculators. */
export class NativeWitnessGenerator implements WitnessGenerator {
  readonly isTotal = true;
  readonly #tapes: ReadonlyMap<string, WitnessTape>;

  private constructor(tapes: ReadonlyMap<string, WitnessTape>) {
    this.#tapes = tapes;
  }

  /** Undefined when a circuit cannot be calculated natively; the log says why. */
  static async create(
    circuits: readonly CompiledCircuit[],
    options: CompileOptions,
  ): Promise<NativeWitnessGenerator | undefined> {
    const tapes = new Map<string, WitnessTape>();
    for (const circuit of circuits) {
      const tape = await openCircuitTape(circuit, options);
      if (!tape) return undefined;
      tapes.set(circuit.name, tape);
    }
    return new NativeWitnessGenerator(tapes);
  }

  async generate(tiled: TiledSystem, inputs: TileInputs, options: TaskOptions = {}): Promise<Uint8Array> {
    const assembler = new WitnessAssembler(tiled);
    const total = tiled.layout.tiles.reduce((sum, tile) => sum + tile.instances.length, 0);
    let done = 0;
    for (const [tileIndex, tile] of tiled.layout.tiles.entries()) {
      const given = inputs[tile.name] ?? [];
      const [count, available] = [tile.instances.length, 'named' in given ? given.count : given.length];
      if (available < count) {
        const message = `no input for ${tile.name} ${available}`;
        throw new RollupError('WITNESS_REJECTED', message, { tile: tile.name, instanceIndex: available });
      }
      const bytes = tiled.systems[tileIndex]!.wireCount * ELEMENT_BYTES;
      for (let first = 0; first < count; first += INSTANCES_PER_CALL) {
        const end = Math.min(first + INSTANCES_PER_CALL, count);
        const values = await this.#calculate(tile.name, given, { first, end }, options);
        for (let offset = 0; offset < values.length; offset += bytes) {
          assembler.place(tileIndex, first + offset / bytes, values.subarray(offset, offset + bytes));
        }
        done += values.length / bytes;
        options.onProgress?.({ stage: 'witness', done, total });
      }
    }
    return assembler.finish();
  }

  async close(): Promise<void> {}

  /** The witnesses of a tile's instances from `first` to before `end`. */
  async #calculate(
    tile: string,
    given: TileInputs[string],
    { first, end }: { readonly first: number; readonly end: number },
    { signal }: TaskOptions,
  ): Promise<Uint8Array> {
    const tape = this.#tapes.get(tile)!;
    const options = signal ? { signal } : {};
    try {
      if ('named' in given) return await tape.calculatePacked(given.elements(tape.inputs, first, end), options);
      return await tape.calculate(given.slice(first, end), options);
    } catch (error) {
      throw isRollupError(error, 'WITNESS_REJECTED') ? locate(error, tile, first) : error;
    }
  }
}

/** The error of an instance of a call that began at instance `first` of the tile. */
function locate(error: RollupError, tile: string, first: number): RollupError {
  const instanceIndex = first + Number(error.data['instanceIndex'] ?? 0);
  const message = `${tile} ${instanceIndex}: ${error.message}`;
  return new RollupError(error.code, message, { ...error.data, tile, instanceIndex }, { cause: error });
}
