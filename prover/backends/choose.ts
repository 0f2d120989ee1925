/** Which backend a name means on this machine, with the keys and the witnesses that go with it. */

import { RollupError } from '@quittance/protocol';
import { isNativeAvailable, nativeUnavailableReason } from '../../native/index.ts';
import type { CompiledCircuit, CompileOptions } from '../artifacts/compile.ts';
import type { KeyImporter } from '../keys/ceremony-key.ts';
import type { KeyMaker } from '../keys/development-key.ts';
import { nativeKeyImporter, nativeKeyMaker, nativeZkeyMaker } from '../setup/native.ts';
import { portableKeyMaker } from '../setup/portable.ts';
import { CircomWitnessGenerator } from '../witness/circom.ts';
import { NativeWitnessGenerator } from '../witness/native.ts';
import type { WitnessGenerator } from '../witness/types.ts';
import { CommandBackend, type ProverCommand } from './command.ts';
import { NativeBackend } from './native.ts';
import { SnarkjsBackend } from './snarkjs.ts';
import type { BackendName, ProverBackend } from './types.ts';

/** A backend with the maker of keys in its format. */
export interface BackendChoice {
  readonly backend: ProverBackend;
  readonly keyMaker: KeyMaker;
  /** How a ceremony's .zkey comes into its format; none when it proves from the .zkey itself. */
  readonly keyImporter?: KeyImporter;
  readonly createWitnessGenerator: (
    circuits: readonly CompiledCircuit[],
    options: WitnessOptions,
  ) => Promise<WitnessGenerator>;
}

export interface WitnessOptions extends CompileOptions {
  /** Threads of circom's calculators; as many as cores if not given. */
  readonly threadCount?: number | undefined;
}

/** What a backend is told beside its name. */
export interface BackendOptions {
  /** The program of the backend `command`. */
  readonly command?: ProverCommand | undefined;
  /** Whether native proofs are blinded (docs/adr/0009-no-blinding.md). */
  readonly blinding?: boolean | undefined;
}

/**
 * The backend of a name. Keys for snarkjs are made natively where that is possible: the same keys, sooner.
 *
 * @throws RollupError NATIVE_UNAVAILABLE when native code is asked for and not built, CONFIG_INVALID when the options
 * do not go with the name.
 */
export function chooseBackend(name: BackendName, { command, blinding = false }: BackendOptions = {}): BackendChoice {
  if ((name === 'command') !== (command !== undefined)) {
    throw new RollupError(
      'CONFIG_INVALID',
      'the backend "command" needs a prover command, and no other backend takes one',
      {
        backend: name,
      },
    );
  }
  if (blinding && name === 'command') {
    throw new RollupError('CONFIG_INVALID', 'blinding cannot be set for an external prover', { backend: name });
  }
  const zkeyMaker = isNativeAvailable() ? nativeZkeyMaker : portableKeyMaker;
  if (command !== undefined) {
    const createWitnessGenerator = isNativeAvailable() ? createNativeGenerator : createCircomGenerator;
    return { backend: new CommandBackend(command), keyMaker: zkeyMaker, createWitnessGenerator };
  }
  if (name === 'snarkjs') {
    return { backend: new SnarkjsBackend(), keyMaker: zkeyMaker, createWitnessGenerator: createCircomGenerator };
  }
  if (isNativeAvailable()) {
    const backend = new NativeBackend(blinding);
    return {
      backend,
      keyMaker: nativeKeyMaker,
      keyImporter: nativeKeyImporter,
      createWitnessGenerator: createNativeGenerator,
    };
  }
  throw new RollupError('NATIVE_UNAVAILABLE', nativeUnavailableReason() ?? 'the native prover is not available', {});
}

async function createNativeGenerator(
  circuits: readonly CompiledCircuit[],
  options: WitnessOptions,
): Promise<WitnessGenerator> {
  return (await NativeWitnessGenerator.create(circuits, options)) ?? createCircomGenerator(circuits, options);
}

function createCircomGenerator(
  circuits: readonly CompiledCircuit[],
  { threadCount }: WitnessOptions,
): Promise<WitnessGenerator> {
  const wasmPaths = Object.fromEntries(circuits.map(({ name, wasmPath }) => [name, wasmPath]));
  return CircomWitnessGenerator.create(wasmPaths, threadCount);
}

/** The faster backend that this machine can run. */
export function defaultBackend(): BackendName {
  return isNativeAvailable() ? 'native' : 'snarkjs';
}
