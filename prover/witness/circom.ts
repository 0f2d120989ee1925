/** Witnesses by circom's calculators, in worker threads. */

import { readFile } from 'node:fs/promises';
import { isRollupError, RollupError } from '@quittance/protocol';
import { throwIfCancelled } from '../cancel.ts';
import type { TiledSystem } from '../tiling/layout.ts';
import type { TaskOptions } from '../types.ts';
import { WorkerPool } from '../workers.ts';
import { WitnessAssembler } from './assembler.ts';
import { namedInputs, type TileInputs, type WitnessGenerator } from './types.ts';
import type { WitnessRequest, WitnessSetting } from './worker.ts';

/** Calculates the witnesses of tiles in parallel, with circom's own calculators in worker threads. */
export class CircomWitnessGenerator implements WitnessGenerator {
  readonly isTotal = false;
  readonly #setting: WitnessSetting;
  readonly #threadCount: number | undefined;
  #pool: WorkerPool;

  private constructor(setting: WitnessSetting, threadCount: number | undefined) {
    this.#setting = setting;
    this.#threadCount = threadCount;
    this.#pool = this.#createPool();
  }

  /** `wasmPaths`: the calculator of each tile. `threadCount` is the number of cores if not given. */
  static async create(
    wasmPaths: Readonly<Record<string, string>>,
    threadCount?: number,
  ): Promise<CircomWitnessGenerator> {
    const modules: Record<string, WebAssembly.Module> = {};
    for (const [tile, path] of Object.entries(wasmPaths)) {
      modules[tile] = await WebAssembly.compile(new Uint8Array(await readFile(path)));
    }
    return new CircomWitnessGenerator({ modules }, threadCount);
  }

  async generate(tiled: TiledSystem, inputs: TileInputs, options: TaskOptions = {}): Promise<Uint8Array> {
    // A worker that died took one chunk with it, not all later ones.
    if (this.#pool.isBroken) this.#pool = this.#createPool();
    const pool = this.#pool;
    const assembler = new WitnessAssembler(tiled);
    const total = tiled.layout.tiles.reduce((sum, tile) => sum + tile.instances.length, 0);
    let done = 0;
    const tasks = tiled.layout.tiles.flatMap(({ name: tile, instances }, tileIndex) => {
      const named = namedInputs(inputs[tile]);
      return instances.map((_, instanceIndex) => ({ tile, tileIndex, instanceIndex, input: named[instanceIndex] }));
    });
    await forEachLimited(tasks, 2 * pool.size, async ({ tile, tileIndex, instanceIndex, input }) => {
      throwIfCancelled(options.signal, 'making the witness');
      if (!input)
        throw new RollupError('WITNESS_REJECTED', `no input for ${tile} ${instanceIndex}`, { tile, instanceIndex });
      const request: WitnessRequest = { tile, input };
      const values = await pool.run<Uint8Array>(request).catch((error: unknown) => {
        throw locate(isUnsendable(error) ? refused(error) : error, tile, instanceIndex);
      });
      assembler.place(tileIndex, instanceIndex, values);
      done += 1;
      options.onProgress?.({ stage: 'witness', done, total });
    });
    return assembler.finish();
  }

  /** Ends the worker threads. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  #createPool(): WorkerPool {
    return new WorkerPool(new URL('./worker.ts', import.meta.url), this.#setting, this.#threadCount);
  }
}

/** Whether a request could not be sent to a worker: its input has a symbol or a function, or is nested without end. */
function isUnsendable(error: unknown): error is Error {
  return error instanceof RangeError || (error instanceof DOMException && error.name === 'DataCloneError');
}

function refused({ message }: Error): RollupError {
  return new RollupError('WITNESS_REJECTED', `the circuit refuses the input: ${message}`, { reason: message });
}

/** A WITNESS_REJECTED gets the place; other errors stay as they are. */
function locate(error: unknown, tile: string, instanceIndex: number): unknown {
  if (!isRollupError(error, 'WITNESS_REJECTED')) return error;
  const message = `${tile} ${instanceIndex}: ${error.message}`;
  return new RollupError(error.code, message, { ...error.data, tile, instanceIndex }, { cause: error });
}

/** Runs `task` on every item, at most `limit` at a time; the first failure stops the rest and is thrown. */
async function forEachLimited<T>(items: readonly T[], limit: number, task: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  let failed = false;
  const runner = async (): Promise<void> => {
    while (!failed && next < items.length) {
      const item = items[next++]!;
      try {
        await task(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, runner));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
