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

/** KZG for blobs. Preparing the trusted setup takes a second or two: ask for it where blobs may be used. */
export async function chooseKzg(): Promise<Kzg> {
  return createNativeKzg() ?? (await createThreadedKzg());
}

/** The same, prepared when it is first used: for who only may meet blobs. */
export function lazyKzg(): Kzg {
  let prepared: Promise<Kzg> | undefined;
  const ready = (): Promise<Kzg> => {
    prepared ??= chooseKzg();
    return prepared;
  };
  return {
    commitment: async (...args) => (await ready()).commitment(...args),
    open: async (...args) => (await ready()).open(...args),
    verify: async (...args) => (await ready()).verify(...args),
    cells: async (...args) => (await ready()).cells(...args),
    verifyCells: async (...args) => (await ready()).verifyCells(...args),
    restore: async (...args) => (await ready()).restore(...args),
  };
}
