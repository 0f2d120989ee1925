/** Strict verification of Groth16 proofs. */

import { FIELD_MODULUS, type Groth16Proof, RollupError, type VerifyingKey } from '@quittance/protocol';
import { buildBn128, type Curve } from 'ffjavascript';
import { BASE_FIELD_MODULUS } from './formats/field.ts';

type G1 = readonly [bigint, bigint];
type G2 = readonly [G1, G1];

/**
 * Verifies a Groth16 proof, strictly: what an EVM verifier or snarkjs would let pass by reducing or ignoring numbers
 * is refused. Proofs are malleable all the same, so a proof is never an identifier.
 *
 * @throws RollupError PROOF_INVALID with the reason: `input count`, `input range`, `coordinate range`, `not on the
 * curve`, `not in the subgroup`, `pairing`.
 */
export async function verifyProof(
  key: VerifyingKey,
  publicInputs: readonly bigint[],
  proof: Groth16Proof,
): Promise<void> {
  if (publicInputs.length !== key.ic.length - 1) {
    refuse('input count', `${publicInputs.length} public inputs, the key has ${key.ic.length - 1}`);
  }
  const outside = publicInputs.findIndex((input) => input < 0n || input >= FIELD_MODULUS);
  if (outside >= 0) refuse('input range', `public input ${outside} is not below r`);
  const curve = await sharedCurve();
  const a = g1(curve, proof.a, 'A');
  const b = g2(curve, proof.b, 'B');
  const c = g1(curve, proof.c, 'C');
  const inputs = key.ic
    .slice(1)
    .map((point, index) => curve.G1.timesScalar(g1(curve, point, 'IC'), publicInputs[index]!))
    .reduce((sum, point) => curve.G1.add(sum, point), g1(curve, key.ic[0]!, 'IC'));
  const holds = await curve.pairingEq(
    curve.G1.neg(a),
    b,
    inputs,
    g2(curve, key.gamma, 'gamma'),
    c,
    g2(curve, key.delta, 'delta'),
    g1(curve, key.alpha, 'alpha'),
    g2(curve, key.beta, 'beta'),
  );
  if (!holds) refuse('pairing', 'the pairing equation does not hold');
}

/** `verifyProof` as a verdict. Errors other than PROOF_INVALID pass through. */
export async function isProofValid(
  key: VerifyingKey,
  publicInputs: readonly bigint[],
  proof: Groth16Proof,
): Promise<boolean> {
  try {
    await verifyProof(key, publicInputs, proof);
    return true;
  } catch (error) {
    if (error instanceof RollupError && error.code === 'PROOF_INVALID') return false;
    throw error;
  }
}

let curvePromise: Promise<Curve> | undefined;

/** One instance without threads for all verifications: nothing has to be closed. */
function sharedCurve(): Promise<Curve> {
  curvePromise ??= buildBn128(true);
  return curvePromise;
}

/** ffjavascript takes (0, 0) for the point at infinity, which no honest proof contains: refused like any other. */
function g1(curve: Curve, point: G1, name: string): Uint8Array {
  checkCoordinates(point, name);
  const bytes = curve.G1.fromObject([...point, 1n]);
  if (curve.G1.isZero(bytes) || !curve.G1.isValid(bytes)) refuse('not on the curve', `${name} is not on the curve`);
  return bytes;
}

function g2(curve: Curve, point: G2, name: string): Uint8Array {
  checkCoordinates(point.flat(), name);
  const bytes = curve.G2.fromObject([...point.map((coordinate) => [...coordinate]), [1n, 0n]]);
  if (curve.G2.isZero(bytes) || !curve.G2.isValid(bytes)) refuse('not on the curve', `${name} is not on the curve`);
  // G1 has prime order; G2 lies in a larger group, and a point outside it makes the pairing meaningless.
  if (!curve.G2.isZero(curve.G2.timesScalar(bytes, FIELD_MODULUS)))
    refuse('not in the subgroup', `${name} has another order`);
  return bytes;
}

function checkCoordinates(coordinates: readonly bigint[], name: string): void {
  if (coordinates.every((value) => value >= 0n && value < BASE_FIELD_MODULUS)) return;
  refuse('coordinate range', `a coordinate of ${name} is not below q`);
}

function refuse(reason: string, message: string): never {
  throw new RollupError('PROOF_INVALID', `the proof is invalid: ${message}`, { reason });
}
