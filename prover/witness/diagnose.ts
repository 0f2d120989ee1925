/** Says why a witness was rejected, in the circuit's words. */

import { isRollupError } from '@quittance/protocol';
import type { TiledSystem } from '../tiling/layout.ts';
import type { TaskOptions } from '../types.ts';
import { CircomWitnessGenerator } from './circom.ts';
import type { TileInputs } from './types.ts';

/**
 * Why a witness was rejected, in the circuit's own words: circom's calculator names the template and line where it
 * stops, which a broken row does not. Returns `error` itself when the calculator has nothing to object to.
 */
export async function diagnoseRejection(
  error: unknown,
  wasmPaths: Readonly<Record<string, string>>,
  tiled: TiledSystem,
  inputs: TileInputs,
  options: TaskOptions,
): Promise<unknown> {
  if (!isRollupError(error, 'WITNESS_REJECTED')) return error;
  const generator = await CircomWitnessGenerator.create(wasmPaths);
  try {
    await generator.generate(tiled, inputs, options.signal ? { signal: options.signal } : {});
    return error;
  } catch (reason) {
    return isRollupError(reason, 'WITNESS_REJECTED') ? reason : error;
  } finally {
    await generator.close();
  }
}
