/** Proofs and verifying keys as the contracts take them. */

import type { Groth16Proof, VerifyingKey } from '@quittance/protocol';

/** Words of a proof as the EVM's pairing takes them: imaginary parts first. */
export function evmProof({ a, b, c }: Groth16Proof) {
  return {
    aX: a[0],
    aY: a[1],
    bXImaginary: b[0][1],
    bXReal: b[0][0],
    bYImaginary: b[1][1],
    bYReal: b[1][0],
    cX: c[0],
    cY: c[1],
  };
}
export type EvmProof = ReturnType<typeof evmProof>;

/** A verifying key as the constructor of the verifier takes it. */
export function evmVerifyingKey({ alpha, beta, gamma, delta, ic }: VerifyingKey) {
  const g2 = ([x, y]: VerifyingKey['beta']) => [x[1], x[0], y[1], y[0]];
  return { alpha: [...alpha], beta: g2(beta), gamma: g2(gamma), delta: g2(delta), ic: ic.map((point) => [...point]) };
}
