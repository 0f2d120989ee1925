/** Witnesses of compiled circuits by the addon. Twin: prover/witness/calculator.ts, which runs circom's own code. */

import { FIELD_MODULUS, RollupError } from '@quittance/protocol';
import { requireAddon } from './addon.ts';
import { FIELD_BYTES, writeInteger } from './bytes.ts';
import { callAsync } from './call.ts';
import { type NativeCallOptions, runJob } from './job.ts';

/** Values of a circuit's inputs by name: arrays are flattened in order, the outermost index first. */
export type WitnessInputs = Readonly<Record<string, WitnessInputValue>>;
export type WitnessInputValue = bigint | number | string | readonly WitnessInputValue[];

/** A circuit's witness calculator. Does what circom's does, for many instances at once. */
export interface WitnessTape {
  /** Names and sizes of the inputs, in the tape's order. */
  readonly inputs: readonly { readonly name: string; readonly count: number }[];
  readonly wireCount: number;
  /**
   * The witnesses of all instances, one after the other: `wireCount` elements of 32 little-endian bytes each.
   * Runs on all cores in the background.
   *
   * Total: where circom's calculator refuses an input because a constraint does not hold, this gives a witness that
   * breaks a constraint. Whoever proves from it checks the constraints.
   *
   * @throws RollupError WITNESS_REJECTED with `instanceIndex` when an input is missing, unknown, of the wrong length or
   * not below r; CANCELLED.
   */
  calculate(instances: readonly WitnessInputs[], options?: NativeCallOptions): Promise<Uint8Array>;
}

/** The version of tapes: those of another one cannot be opened. @throws RollupError NATIVE_UNAVAILABLE */
export function witnessTapeVersion(): number {
  return requireAddon().witnessTapeVersion();
}

/**
 * Derives a tape from circom's compiled calculator and writes it, whole or not at all.
 *
 * @throws RollupError MALFORMED when the course of the calculator depends on the inputs in a way that a tape cannot
 * express (`reason` says where): then circom's calculator has to be used.
 * @throws RollupError ARTIFACT_MISSING, ARTIFACT_DAMAGED, NATIVE_UNAVAILABLE
 */
export async function buildWitnessTape(paths: {
  readonly wasmPath: string;
  readonly symPath: string;
  readonly tapePath: string;
}): Promise<void> {
  const addon = requireAddon();
  await callAsync(() => addon.buildWitnessTape(paths.wasmPath, paths.symPath, paths.tapePath));
}

/** Opens a tape. @throws RollupError ARTIFACT_MISSING, ARTIFACT_DAMAGED, NATIVE_UNAVAILABLE */
export async function openWitnessTape(path: string): Promise<WitnessTape> {
  const addon = requireAddon();
  const tape = await callAsync(() => addon.openWitnessTape(path));
  const inputs = tape.inputs;
  return {
    inputs,
    wireCount: tape.wires,
    calculate: async (instances, options = {}) => {
      const bytes = encodeInputs(inputs, instances);
      return bytes.length === 0 ? bytes : await runJob(options, (job) => tape.calculate(bytes, job));
    },
  };
}

/** All instances' input elements in the tape's order. */
function encodeInputs(inputs: WitnessTape['inputs'], instances: readonly WitnessInputs[]): Uint8Array {
  const elementCount = inputs.reduce((sum, { count }) => sum + count, 0);
  const bytes = new Uint8Array(instances.length * elementCount * FIELD_BYTES);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const [instanceIndex, instance] of instances.entries()) {
    const refuse = (reason: string): never => {
      throw new RollupError('WITNESS_REJECTED', `the circuit refuses the input: ${reason}`, { reason, instanceIndex });
    };
    for (const { name, count } of inputs) {
      const start = offset;
      const end = start + count * FIELD_BYTES;
      const write = (value: WitnessInputValue): void => {
        if (Array.isArray(value)) {
          for (const element of value) write(element);
          return;
        }
        const element = BigInt(value as bigint | number | string);
        if (element < 0n || element >= FIELD_MODULUS) refuse(`the value ${element} is not a field element`);
        // Too many values must not run into the next input.
        if (offset < end) writeInteger(view, offset, element);
        offset += FIELD_BYTES;
      };
      const value = Object.hasOwn(instance, name) ? instance[name] : undefined;
      write(value ?? refuse(`input ${name} is missing`));
      if (offset !== end) refuse(`${name} has ${count} values, not ${(offset - start) / FIELD_BYTES}`);
    }
    if (Object.keys(instance).length !== inputs.length) {
      const known = new Set(inputs.map(({ name }) => name));
      refuse(`no input ${Object.keys(instance).find((name) => !known.has(name))}`);
    }
  }
  return bytes;
}
