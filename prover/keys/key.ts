/** What a key in the build folder is, and whose it is. */

import type { TiledSystem } from '../tiling/layout.ts';
import type { VerifyingKeyJson } from './verifying-key.ts';

/** Name of the verifying key in an artifact's folder. */
export const VERIFYING_KEY_FILE = 'verification_key.json';

/** A key pair that was verified against its manifest just now. */
export interface KeyArtifact {
  readonly directory: string;
  readonly provingKeyPath: string;
  readonly verifyingKeyPath: string;
  readonly verifyingKey: VerifyingKeyJson;
}

/** Whose key is wanted. */
export interface KeySubject {
  /** Part of the folder's name: `quick`, `standard`, a toy's name. */
  readonly name: string;
  readonly tiled: TiledSystem;
  readonly layoutPath: string;
  /** Identifies the constraint system; keys of another one are never taken for it. */
  readonly inputsHash: string;
  readonly seed?: string | undefined;
}
