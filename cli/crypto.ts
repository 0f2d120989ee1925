/** The cryptography of a process: native where there is one, portable otherwise. */

import type { Kzg } from '@quittance/chain';
import { createPortableVerifier, portableHasher } from '@quittance/protocol';
import {
  createNativeKzg,
  isNativeAvailable,
  nativeHasher,
  nativeSignatureVerifier,
  verifySignaturesAsync,
} from '../native/index.ts';
import type { SequencerCrypto } from '../sequencer/index.ts';
import { createThreadedKzg } from './kzg/threaded.ts';

/** Hash and signature checks for services; `verifyBatch` uses all cores on the native path. */
export function chooseCrypto(): SequencerCrypto {
  if (isNativeAvailable()) {
    return { hasher: nativeHasher, verifier: nativeSignatureVerifier, verifyBatch: verifySignaturesAsync };
  }
  return { hasher: portableHasher, verifier: createPortableVerifier(portableHasher) };
}

let kzg: Promise<Kzg> | undefined;

/** KZG for blobs, one for the process. Preparing the trusted setup takes a second or two: ask for it where blobs may be used. */
export function chooseKzg(): Promise<Kzg> {
  kzg ??= (async () => createNativeKzg() ?? (await createThreadedKzg()))();
  return kzg;
}

/** The same, prepared when it is first used: for who only may meet blobs. */
export function lazyKzg(): Kzg {
  return {
    commitment: async (...args) => (await chooseKzg()).commitment(...args),
    open: async (...args) => (await chooseKzg()).open(...args),
    verify: async (...args) => (await chooseKzg()).verify(...args),
    cells: async (...args) => (await chooseKzg()).cells(...args),
    verifyCells: async (...args) => (await chooseKzg()).verifyCells(...args),
    restore: async (...args) => (await chooseKzg()).restore(...args),
  };
}
