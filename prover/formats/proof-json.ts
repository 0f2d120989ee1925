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

/** Reads snarkjs's form. @throws RollupError MALFORMED when it is not a Groth16 proof of affine points. */
export function decodeProof(json: ProofJson): Groth16Proof {
  if (json?.protocol !== 'groth16') throw new RollupError('MALFORMED', 'this is no Groth16 proof', {});
  return { a: decodeG1(json.pi_a), b: decodeG2(json.pi_b), c: decodeG1(json.pi_c) };
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
