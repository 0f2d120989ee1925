/**
 * TEST DOUBLE: a Groth16 "prover" that knows the secrets of its verifying key and so proves any public inputs, true or
 * not. It lets the contract's tests run the real pairing equation on any statement, at once, without a circuit.
 */

import { bn254 } from '@noble/curves/bn254.js';
import {
  chunkPublicInputs,
  FIELD_MODULUS,
  type Groth16Proof,
  publicInputsOf,
  toField,
  type VerifyingKey,
} from '@quittance/protocol';
import { isProofValid } from '../../../prover/index.ts';
import type { BatchProver } from '../../../sequencer/index.ts';
import { createRandom } from '../property/random.ts';

const { G1, G2, fields } = bn254;
const { Fr } = fields;

type G1Point = ReturnType<typeof G1.Point.fromAffine>;
type G2Point = ReturnType<typeof G2.Point.fromAffine>;

function g1(scalar: bigint): readonly [bigint, bigint] {
  const { x, y } = G1.Point.BASE.multiply(scalar).toAffine();
  return [x, y];
}

function g2(scalar: bigint): Groth16Proof['b'] {
  const { x, y } = G2.Point.BASE.multiply(scalar).toAffine();
  return [
    [x.c0, x.c1],
    [y.c0, y.c1],
  ];
}

/** A verifying key with its secrets. */
export interface Groth16Simulator {
  readonly verifyingKey: VerifyingKey;
  /** A proof that verifies for these inputs. `seed` chooses among the many. */
  prove(inputs: readonly bigint[], seed?: string): Groth16Proof;
}

/** A key for `inputCount` public inputs; the same seed gives the same key. */
export function createGroth16Simulator(seed: string, inputCount = 9): Groth16Simulator {
  const random = createRandom(seed);
  // 0 and 1 would make degenerate points; they do not come up.
  const [alpha, beta, gamma, delta] = [0, 1, 2, 3].map(() => random.fieldElement()) as [bigint, bigint, bigint, bigint];
  const ic = Array.from({ length: inputCount + 1 }, () => random.fieldElement());
  return {
    verifyingKey: { alpha: g1(alpha), beta: g2(beta), gamma: g2(gamma), delta: g2(delta), ic: ic.map(g1) },
    prove(inputs, proofSeed = 'proof') {
      const blinding = createRandom(`${seed}/${proofSeed}/${inputs.join()}`);
      const [a, b] = [blinding.fieldElement(), blinding.fieldElement()];
      const combined = inputs.reduce((sum, input, position) => sum + input * ic[position + 1]!, ic[0]!);
      // a·b = alpha·beta + combined·gamma + c·delta
      const c = Fr.div(toField(a * b - alpha * beta - toField(combined) * gamma), delta);
      return { a: g1(a), b: g2(b), c: g1(c) };
    },
  };
}

/** −P of G1 and scalar multiples, for forgeries. */
export function multiplyG1(point: readonly [bigint, bigint], scalar: bigint): readonly [bigint, bigint] {
  const { x, y } = (G1.Point.fromAffine({ x: point[0], y: point[1] }) as G1Point)
    .multiply(((scalar % FIELD_MODULUS) + FIELD_MODULUS) % FIELD_MODULUS)
    .toAffine();
  return [x, y];
}

/** P + Q of G1. */
export function addG1(left: readonly [bigint, bigint], right: readonly [bigint, bigint]): readonly [bigint, bigint] {
  const { x, y } = G1.Point.fromAffine({ x: left[0], y: left[1] })
    .add(G1.Point.fromAffine({ x: right[0], y: right[1] }))
    .toAffine();
  return [x, y];
}

/** A multiple of a point of G2. */
export function multiplyG2(point: Groth16Proof['b'], scalar: bigint): Groth16Proof['b'] {
  const [x, y] = point;
  const affine = (G2.Point.fromAffine({ x: { c0: x[0], c1: x[1] }, y: { c0: y[0], c1: y[1] } }) as G2Point)
    .multiply(toField(scalar))
    .toAffine();
  return [
    [affine.x.c0, affine.x.c1],
    [affine.y.c0, affine.y.c1],
  ];
}

/** A prover of chunks whose proofs the contract accepts under the simulator's key, without a circuit. */
export function createSimulatedProver({ prove, verifyingKey }: Groth16Simulator): BatchProver {
  return {
    proveChunk: async (trace, challenge) => ({ proof: prove(publicInputsOf(chunkPublicInputs(trace, challenge))) }),
    verifyChunk: (trace, challenge, proof) =>
      isProofValid(verifyingKey, publicInputsOf(chunkPublicInputs(trace, challenge)), proof),
  };
}
