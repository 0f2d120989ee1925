/** One thread of `Multiplier`. */

import { workerData } from 'node:worker_threads';
import { serve } from '../serve.ts';
import { FixedBase, type GroupName } from './fixed-base.ts';

/** What each worker is started with. ffjavascript itself cannot be loaded in a worker thread, its code can. */
export interface FixedBaseSetting {
  readonly code: WebAssembly.Module;
  readonly generators: Readonly<Record<GroupName, Uint8Array>>;
  readonly windowBits: number;
}

/** One block of scalars to multiply the generator with. */
export interface FixedBaseRequest {
  readonly group: GroupName;
  readonly scalars: Uint8Array;
}

const { code, generators, windowBits } = workerData as FixedBaseSetting;
const bases = new Map<GroupName, FixedBase>();

serve<FixedBaseRequest>(async ({ group, scalars }) => {
  const base = bases.get(group) ?? new FixedBase(code, generators[group], group, windowBits);
  bases.set(group, base);
  const points = base.multiply(scalars);
  return { value: points, transfer: [points.buffer as ArrayBuffer] };
});
