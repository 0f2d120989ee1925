/** One thread of `CircomWitnessGenerator`. */

import { workerData } from 'node:worker_threads';
import type { CircuitInput } from '../../native/index.ts';
import { serve } from '../serve.ts';
import { WitnessCalculator } from './calculator.ts';

/** The compiled calculators, by tile name: what each worker is started with. */
export interface WitnessSetting {
  readonly modules: Readonly<Record<string, WebAssembly.Module>>;
}

/** One tile to calculate. */
export interface WitnessRequest {
  readonly tile: string;
  readonly input: CircuitInput;
}

const { modules } = workerData as WitnessSetting;
const calculators = new Map<string, WitnessCalculator>();

serve<WitnessRequest>(async ({ tile, input }) => {
  const calculator = calculators.get(tile) ?? (await WitnessCalculator.create(modules[tile]!));
  // Kept only after a success: an exception leaves the instance in a state that nobody specifies.
  calculators.delete(tile);
  const witness = calculator.calculate(input);
  calculators.set(tile, calculator);
  return { value: witness, transfer: [witness.buffer as ArrayBuffer] };
});
