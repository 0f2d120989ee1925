/** Multiples of the generators for a whole key, on all cores. */

import { buildBn128 } from 'ffjavascript';
import { throwIfCancelled } from '../cancel.ts';
import { ELEMENT_BYTES, writeElement } from '../formats/field.ts';
import type { TaskOptions } from '../types.ts';
import { WorkerPool } from '../workers.ts';
import type { GroupName } from './fixed-base.ts';
import type { FixedBaseSetting } from './fixed-base-worker.ts';

const BLOCK_SCALARS = 1 << 14;
/** Below this many products a large table costs more than it saves. */
const FEW_PRODUCTS = 1 << 14;

/** Multiplies the generators of both groups by many scalars, on all cores. */
export class Multiplier {
  readonly #pool: WorkerPool;
  readonly #options: TaskOptions;
  readonly #total: number;
  #done = 0;

  private constructor(pool: WorkerPool, total: number, options: TaskOptions) {
    this.#pool = pool;
    this.#total = total;
    this.#options = options;
  }

  /** `total` is how many products there will be: it chooses the table's size and scales the progress. */
  static async create(total: number, options: TaskOptions): Promise<Multiplier> {
    const few = total < FEW_PRODUCTS;
    const curve = await buildBn128(true);
    const setting: FixedBaseSetting = {
      code: await WebAssembly.compile(new Uint8Array(curve.tm.code)),
      generators: { g1: curve.G1.g, g2: curve.G2.g },
      windowBits: few ? 6 : 14,
    };
    const script = new URL('./fixed-base-worker.ts', import.meta.url);
    return new Multiplier(new WorkerPool(script, setting, few ? 1 : undefined), total, options);
  }

  /** Calls `write` with the affine points in order, block after block. */
  async multiply(
    group: GroupName,
    scalars: readonly bigint[],
    write: (points: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const waiting: Promise<Uint8Array>[] = [];
    const takeOne = async (): Promise<void> => {
      throwIfCancelled(this.#options.signal, 'the development setup');
      await write(await waiting.shift()!);
    };
    try {
      for (let first = 0; first < scalars.length; first += BLOCK_SCALARS) {
        const block = scalars.slice(first, first + BLOCK_SCALARS);
        const bytes = encode(block);
        const request = this.#pool.run<Uint8Array>({ group, scalars: bytes }, [bytes.buffer as ArrayBuffer]);
        waiting.push(request.then((points) => this.#count(points, block.length)));
        if (waiting.length > 2 * this.#pool.size) await takeOne();
      }
      while (waiting.length > 0) await takeOne();
    } finally {
      await Promise.allSettled(waiting);
    }
  }

  /** Ends the worker threads. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  #count(points: Uint8Array, count: number): Uint8Array {
    this.#done += count;
    this.#options.onProgress?.({ stage: 'setup', done: this.#done, total: this.#total });
    return points;
  }
}

function encode(scalars: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(scalars.length * ELEMENT_BYTES);
  for (const [index, scalar] of scalars.entries()) writeElement(bytes, index * ELEMENT_BYTES, scalar);
  return bytes;
}
