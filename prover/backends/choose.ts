import { isNativeAvailable, nativeUnavailableReason } from '../../native/index.ts';
import { RollupError } from '../../protocol/index.ts';
import type { CompiledCircuit, CompileOptions } from '../artifacts/compile.ts';
import { type KeyMaker, portableKeyMaker } from '../artifacts/keys.ts';
import { nativeKeyMaker, nativeZkeyMaker } from '../artifacts/setup/native.ts';
import { CircomWitnessGenerator } from '../witness/circom.ts';
import { NativeWitnessGenerator } from '../witness/native.ts';
import type { WitnessGenerator } from '../witness/types.ts';
import { NativeBackend } from './native.ts';
import { SnarkjsBackend } from './snarkjs.ts';
import type { BackendName, ProverBackend } from './types.ts';

/** A backend with the maker of keys in its format. */
export interface BackendChoice {
  readonly backend: ProverBackend;
  readonly keyMaker: KeyMaker;
  readonly createWitnessGenerator: (
    circuits: readonly CompiledCircuit[],
    options: WitnessOptions,
  ) => Promise<WitnessGenerator>;
}

export interface WitnessOptions extends CompileOptions {
  /** Threads of circom's calculators; as many as cores if not given. */
  readonly threadCount?: number | undefined;
}

/**
 * The backend of a name. Keys for snarkjs are made natively where that is possible: the same keys, sooner.
 *
 * @throws RollupError NATIVE_UNAVAILABLE when native code is asked for and not built.
 */
export function chooseBackend(name: BackendName): BackendChoice {
  if (name === 'snarkjs') {
    return {
      backend: new SnarkjsBackend(),
      keyMaker: isNativeAvailable() ? nativeZkeyMaker : portableKeyMaker,
      createWitnessGenerator: createCircomGenerator,
    };
  }
  if (isNativeAvailable()) {
    return {
      backend: new NativeBackend(),
      keyMaker: nativeKeyMaker,
      createWitnessGenerator: async (circuits, options) =>
        (await NativeWitnessGenerator.create(circuits, options)) ?? createCircomGenerator(circuits, options),
    };
  }
  throw new RollupError('NATIVE_UNAVAILABLE', nativeUnavailableReason() ?? 'the native prover is not available', {});
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
