/** Witnesses by the addon. */

import { isRollupError, RollupError } from '@quittance/protocol';
import type { CircuitInput, WitnessTape } from '../../native/index.ts';
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
      const instances = (inputs[tile.name] ?? []).slice(0, tile.instances.length);
      if (instances.length < tile.instances.length) {
        const message = `no input for ${tile.name} ${instances.length}`;
        throw new RollupError('WITNESS_REJECTED', message, { tile: tile.name, instanceIndex: instances.length });
      }
      const bytes = tiled.systems[tileIndex]!.wireCount * ELEMENT_BYTES;
      for (let first = 0; first < instances.length; first += INSTANCES_PER_CALL) {
        const values = await this.#calculate(tile.name, instances, first, options);
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

  /** The witnesses of INSTANCES_PER_CALL instances of a tile, or of those that are left, from `first` on. */
  async #calculate(
    tile: string,
    instances: readonly CircuitInput[],
    first: number,
    { signal }: TaskOptions,
  ): Promise<Uint8Array> {
    const tape = this.#tapes.get(tile)!;
    try {
      return await tape.calculate(instances.slice(first, first + INSTANCES_PER_CALL), signal ? { signal } : {});
    } catch (error) {
      throw isRollupError(error, 'WITNESS_REJECTED') ? locate(error, tile, first) : error;
    }
  }
}

/** The error of an instance of a call that began at instance `first` of the tile. */
function locate(error: RollupError, tile: string, first: number): RollupError {
  const instanceIndex = first + Number(error.data['instanceIndex']);
  const message = `${tile} ${instanceIndex}: ${error.message}`;
  return new RollupError(error.code, message, { ...error.data, tile, instanceIndex }, { cause: error });
}
