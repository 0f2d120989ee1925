import type { WitnessTape } from '../../native/index.ts';
import { isRollupError, RollupError } from '../../protocol/index.ts';
import type { CompiledCircuit, CompileOptions } from '../artifacts/compile.ts';
import { ELEMENT_BYTES } from '../artifacts/field.ts';
import type { TiledSystem } from '../artifacts/layout.ts';
import type { TaskOptions } from '../types.ts';
import { WitnessAssembler } from './assembler.ts';
import { openCircuitTape } from './tape.ts';
import type { TileInputs, WitnessGenerator } from './types.ts';

/** Calculates the witnesses of tiles natively, all instances of a tile at once, from circom's compiled calculators. */
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
      const native = options.signal ? { signal: options.signal } : {};
      const values = await this.#tapes
        .get(tile.name)!
        .calculate(instances, native)
        .catch((error: unknown) => {
          throw isRollupError(error, 'WITNESS_REJECTED') ? nameTile(error, tile.name) : error;
        });
      const bytes = tiled.systems[tileIndex]!.wireCount * ELEMENT_BYTES;
      for (const instanceIndex of instances.keys()) {
        assembler.place(tileIndex, instanceIndex, values.subarray(instanceIndex * bytes, (instanceIndex + 1) * bytes));
      }
      done += instances.length;
      options.onProgress?.({ stage: 'witness', done, total });
    }
    return assembler.finish();
  }

  async close(): Promise<void> {}
}

function nameTile(error: RollupError, tile: string): RollupError {
  const message = `${tile} ${String(error.data['instanceIndex'])}: ${error.message}`;
  return new RollupError(error.code, message, { ...error.data, tile }, { cause: error });
}
