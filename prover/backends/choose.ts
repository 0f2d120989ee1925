import { RollupError } from '../../protocol/index.ts';
import { type KeyMaker, portableKeyMaker } from '../artifacts/keys.ts';
import { SnarkjsBackend } from './snarkjs.ts';
import type { BackendName, ProverBackend } from './types.ts';

/** A backend with the maker of keys in its format. */
export interface BackendChoice {
  readonly backend: ProverBackend;
  readonly keyMaker: KeyMaker;
}

/** The backend of a name. @throws RollupError NATIVE_UNAVAILABLE when native code is asked for and not built. */
export function chooseBackend(name: BackendName): BackendChoice {
  if (name === 'snarkjs') return { backend: new SnarkjsBackend(), keyMaker: portableKeyMaker };
  throw new RollupError('NATIVE_UNAVAILABLE', 'the native prover is not built', {});
}
