/** The cryptography of a process: native where there is one, portable otherwise. */

import type { Kzg } from '@quittance/chain';
import { createPortableVerifier, createReferenceEngine, portableHasher } from '@quittance/protocol';
import {
  createNativeEngine,
  createNativeKzg,
  isNativeAvailable,
  nativeHasher,
  nativeSignatureVerifier,
  poseidonGroups,
  usableKeyItems,
  verifySignatureItems,
} from '../native/index.ts';
import { createSlices } from '../runtime/index.ts';
import type { SequencerCrypto } from '../sequencer/index.ts';
import { createThreadedKzg } from './kzg/threaded.ts';

/** How long the reference engine runs before other work gets its turn. */
const SLICE_MS = 5;

/** Many at once, on all cores. */
const nativeBulk: NonNullable<SequencerCrypto['bulk']> = {
  hashFours: (inputs) => poseidonGroups(inputs, 4),
  hashFives: (inputs) => poseidonGroups(inputs, 5),
  verifySignatures: verifySignatureItems,
  usableKeys: usableKeyItems,
};

/** Hash, signature checks and an engine for services. */
export function chooseCrypto(): SequencerCrypto {
  if (isNativeAvailable()) {
    const crypto = { hasher: nativeHasher, verifier: nativeSignatureVerifier };
    return { ...crypto, engine: createNativeEngine(), bulk: nativeBulk };
  }
  const crypto = { hasher: portableHasher, verifier: createPortableVerifier(portableHasher) };
  return { ...crypto, engine: createReferenceEngine(crypto, createSlices(SLICE_MS)) };
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
