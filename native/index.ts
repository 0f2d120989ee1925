/**
 * The fast path: Rust kernels and the Groth16 prover behind a Node addon. Optional everywhere; callers ask
 * `isNativeAvailable()` and fall back on the portable implementations. Built by `native/build.sh`.
 */

export { isNativeAvailable, nativeUnavailableReason } from './addon.ts';
export { hashNodes, nativeHasher, poseidon } from './hash.ts';
export { nativeSignatureVerifier, verifySignatures, verifySignaturesAsync } from './signature.ts';
