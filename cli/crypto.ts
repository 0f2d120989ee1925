/** The cryptography of a process: native where it is built, portable otherwise. */

import { createPortableVerifier, portableHasher } from '@quittance/protocol';
import { isNativeAvailable, nativeHasher, nativeSignatureVerifier, verifySignaturesAsync } from '../native/index.ts';
import type { SequencerCrypto } from '../sequencer/index.ts';

/** Hash and signature checks for services; `verifyBatch` uses all cores on the native path. */
export function chooseCrypto(): SequencerCrypto {
  if (isNativeAvailable()) {
    return { hasher: nativeHasher, verifier: nativeSignatureVerifier, verifyBatch: verifySignaturesAsync };
  }
  return { hasher: portableHasher, verifier: createPortableVerifier(portableHasher) };
}
