/**
 * The fast path: Rust kernels and the Groth16 prover behind a Node addon. Optional everywhere; callers ask
 * `isNativeAvailable()` and fall back on the portable implementations. Built by `native/build.sh`.
 */

export { isNativeAvailable, type NativeProgress, nativeUnavailableReason } from './addon.ts';
export { hashState, recoverStateSigner, signStateHash } from './channels.ts';
export {
  checkWitness,
  type DevelopmentSetupOptions,
  type ExportZkeyOptions,
  exportZkey,
  type ImportZkeyOptions,
  importZkey,
  setupDevelopment,
  verify,
} from './circuit.ts';
export { createNativeEngine, DEFAULT_MAX_STATE_BYTES, type NativeEngineOptions } from './engine.ts';
export { nativeHasher, poseidon, poseidonGroups, poseidonMany } from './hash.ts';
export { type CircuitInput, type InputValue, inputElements } from './input.ts';
export type { NativeCallOptions } from './job.ts';
export { createNativeKzg, type NativeKzg } from './kzg.ts';
export { type NativeProof, type NativeProver, openProver, prove, type WitnessOptions } from './prover.ts';
export { SIGN_ITEM_BYTES, SIGNED_BYTES, type SigningRequest, signMany, signPacked } from './sign.ts';
export {
  nativeSignatureVerifier,
  usableKeyItems,
  verifySignatureItems,
  verifySignatures,
  verifySignaturesAsync,
} from './signature.ts';
export {
  buildWitnessTape,
  openWitnessTape,
  type WitnessTape,
  witnessTapeVersion,
} from './witness.ts';
