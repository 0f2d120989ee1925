/** Proofs as snarkjs writes them. */

import { type Groth16Proof, RollupError } from '@quittance/protocol';
import { decodeG1, decodeG2, encodeG1, encodeG2 } from './points.ts';

/** A proof as snarkjs writes it. */
export interface ProofJson {
  readonly pi_a: readonly string[];
  readonly pi_b: readonly (readonly string[])[];
  readonly pi_c: readonly string[];
  readonly protocol: string;
  readonly curve: string;
}

const CODE = 'PROOF_UNREADABLE';

/** Reads snarkjs's form. @throws RollupError PROOF_UNREADABLE when it is not a Groth16 proof of affine points. */
export function decodeProof(json: ProofJson): Groth16Proof {
  if (json?.protocol !== 'groth16') throw new RollupError(CODE, 'this is not a Groth16 proof', {});
  return { a: decodeG1(json.pi_a, CODE), b: decodeG2(json.pi_b, CODE), c: decodeG1(json.pi_c, CODE) };
}

/** Writes snarkjs's form. */
export function encodeProof(proof: Groth16Proof): ProofJson {
  return {
    pi_a: encodeG1(proof.a),
    pi_b: encodeG2(proof.b),
    pi_c: encodeG1(proof.c),
    protocol: 'groth16',
    curve: 'bn128',
  };
}
