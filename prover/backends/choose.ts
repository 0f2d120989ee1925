import { isNativeAvailable, nativeUnavailableReason } from '../../native/index.ts';
import { RollupError } from '../../protocol/index.ts';
import { type KeyMaker, portableKeyMaker } from '../artifacts/keys.ts';
import { nativeKeyMaker, nativeZkeyMaker } from '../artifacts/setup/native.ts';
import { NativeBackend } from './native.ts';
import { SnarkjsBackend } from './snarkjs.ts';
import type { BackendName, ProverBackend } from './types.ts';

/** A backend with the maker of keys in its format. */
export interface BackendChoice {
  readonly backend: ProverBackend;
  readonly keyMaker: KeyMaker;
}

/**
 * The backend of a name. Keys for snarkjs are made natively where that is possible: the same keys, sooner.
 *
 * @throws RollupError NATIVE_UNAVAILABLE when native code is asked for and not built.
 */
export function chooseBackend(name: BackendName): BackendChoice {
  if (name === 'snarkjs') {
    return { backend: new SnarkjsBackend(), keyMaker: isNativeAvailable() ? nativeZkeyMaker : portableKeyMaker };
  }
  if (isNativeAvailable()) return { backend: new NativeBackend(), keyMaker: nativeKeyMaker };
  throw new RollupError('NATIVE_UNAVAILABLE', nativeUnavailableReason() ?? 'the native prover is not available', {});
}

/** The faster backend that this machine can run. */
export function defaultBackend(): BackendName {
  return isNativeAvailable() ? 'native' : 'snarkjs';
}
