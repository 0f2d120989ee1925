/** Witnesses of compiled circuits by the addon, which calculates what circom's own code does. */

import { invariantBroken, isRollupError, RollupError, writeWord } from '@quittance/protocol';
import { requireAddon } from './addon.ts';
import { FIELD_BYTES } from './bytes.ts';
import { callAsync } from './call.ts';
import { type CircuitInput, describe, inputElements, requireTexts } from './input.ts';
import { type NativeCallOptions, runJob } from './job.ts';

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
  calculate(instances: readonly CircuitInput[], options?: NativeCallOptions): Promise<Uint8Array>;
  /**
   * `calculate` from elements that lie in bytes already: those of each instance in the order of `inputs`, 32 little-endian
   * bytes each.
   *
   * @throws RollupError WRONG_LENGTH for bytes of no whole instances; WITNESS_REJECTED with `instanceIndex` for an element that
   * is not below r; CANCELLED.
   */
  calculatePacked(elements: Uint8Array, options?: NativeCallOptions): Promise<Uint8Array>;
}

/** The version of tapes: those of another one cannot be opened. @throws RollupError NATIVE_UNAVAILABLE */
export function witnessTapeVersion(): number {
  return requireAddon().witnessTapeVersion();
}

/**
 * Derives a tape from circom's compiled calculator and writes it, whole or not at all.
 *
 * @throws RollupError TAPE_IMPOSSIBLE when the course of the calculator depends on the inputs in a way that a tape cannot
 * express (`reason` says where): then circom's calculator has to be used.
 * @throws RollupError ARTIFACT_MISSING, ARTIFACT_DAMAGED, NATIVE_UNAVAILABLE
 */
export async function buildWitnessTape(paths: {
  readonly wasmPath: string;
  readonly symPath: string;
  readonly tapePath: string;
}): Promise<void> {
  const { wasmPath, symPath, tapePath } = paths ?? {};
  requireTexts({ wasmPath, symPath, tapePath });
  const addon = requireAddon();
  await callAsync(() => addon.buildWitnessTape(wasmPath, symPath, tapePath));
}

/**
 * Opens a tape. @throws RollupError ARTIFACT_MISSING, ARTIFACT_DAMAGED, NATIVE_UNAVAILABLE
 * Twin: prover/witness/calculator.ts WitnessCalculator.
 */
export async function openWitnessTape(path: string): Promise<WitnessTape> {
  requireTexts({ path });
  const addon = requireAddon();
  const tape = await callAsync(() => addon.openWitnessTape(path));
  const inputs = tape.inputs;
  const instanceBytes = FIELD_BYTES * inputs.reduce((sum, { count }) => sum + count, 0);
  const run = async (bytes: Uint8Array, options: NativeCallOptions = {}): Promise<Uint8Array> =>
    bytes.length === 0 ? bytes : await runJob(options, (job) => tape.calculate(bytes, job));
  return {
    inputs,
    wireCount: tape.wires,
    calculate: async (instances, options) => run(encodeInputs(inputs, instances), options),
    calculatePacked: async (elements, options) => {
      requireInstances(elements, instanceBytes);
      return run(elements, options).catch(refuseElement);
    },
  };
}

function requireInstances(elements: Uint8Array, instanceBytes: number): void {
  if (!(elements instanceof Uint8Array)) throw invariantBroken(`the elements are ${describe(elements)}, not bytes`);
  const { length } = elements;
  if (length % instanceBytes === 0) return;
  const expected = `a multiple of ${instanceBytes}`;
  const message = `the elements of instances have ${length} bytes, expected ${expected}`;
  throw new RollupError('WRONG_LENGTH', message, { name: 'elements', expected, actual: length });
}

/** The addon checks the range of elements: what it finds is an input that the circuit does not take. */
function refuseElement(error: unknown): never {
  if (!isRollupError(error, 'OUT_OF_RANGE')) throw error;
  return refuseInput(error.message, Number(error.data['instance']));
}

/** All instances' input elements in the tape's order. */
function encodeInputs(inputs: WitnessTape['inputs'], instances: readonly CircuitInput[]): Uint8Array {
  if (!Array.isArray(instances)) refuseInput(`the instances are ${describe(instances)}, not a list`, 0);
  const elementCount = inputs.reduce((sum, { count }) => sum + count, 0);
  const bytes = new Uint8Array(instances.length * elementCount * FIELD_BYTES);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const [instanceIndex, instance] of instances.entries()) {
    const refuse = (reason: string): never => refuseInput(reason, instanceIndex);
    if (instance === null || typeof instance !== 'object') refuse(`it is ${describe(instance)}, not values by name`);
    for (const { name, count } of inputs) {
      if (!Object.hasOwn(instance, name)) refuse(`input ${name} is missing`);
      for (const element of inputElements(name, instance[name], count, refuse)) {
        writeWord(view, offset, element);
        offset += FIELD_BYTES;
      }
    }
    if (Object.keys(instance).length !== inputs.length) {
      const known = new Set(inputs.map(({ name }) => name));
      refuse(`it has no input ${Object.keys(instance).find((name) => !known.has(name))}`);
    }
  }
  return bytes;
}

function refuseInput(reason: string, instanceIndex: number): never {
  throw new RollupError('WITNESS_REJECTED', `the circuit refuses the input: ${reason}`, { reason, instanceIndex });
}
