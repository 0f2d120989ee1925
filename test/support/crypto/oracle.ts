/** circomlibjs as an oracle, in plain numbers: an implementation of hash and signature that is not ours. */

import type { CurvePoint } from '@quittance/protocol';
import { buildEddsa, type Eddsa, type OraclePoint } from 'circomlibjs';

/** circomlibjs with bigints in and out. It checks no ranges: callers do. */
export interface Oracle {
  hash(inputs: readonly bigint[]): bigint;
  publicKeyOf(secret: Uint8Array): CurvePoint;
  sign(secret: Uint8Array, message: bigint): { r8: CurvePoint; s: bigint };
  /** Never call it with a negative s: it does not return. */
  verify(message: bigint, signature: { r8: CurvePoint; s: bigint }, key: CurvePoint): boolean;
  isOnCurve(point: CurvePoint): boolean;
  isInSubgroup(point: CurvePoint): boolean;
  add(left: CurvePoint, right: CurvePoint): CurvePoint;
  multiply(point: CurvePoint, scalar: bigint): CurvePoint;
}

let instance: Promise<Oracle> | undefined;

function wrap(eddsa: Eddsa): Oracle {
  const { F, babyJub, poseidon } = eddsa;
  const toOracle = ({ x, y }: CurvePoint): OraclePoint => [F.e(x), F.e(y)];
  const fromOracle = ([x, y]: OraclePoint): CurvePoint => ({ x: F.toObject(x), y: F.toObject(y) });
  return {
    hash: (inputs) => F.toObject(poseidon(inputs)),
    publicKeyOf: (secret) => fromOracle(eddsa.prv2pub(secret)),
    sign(secret, message) {
      const { R8, S } = eddsa.signPoseidon(secret, F.e(message));
      return { r8: fromOracle(R8), s: S };
    },
    verify: (message, { r8, s }, key) => eddsa.verifyPoseidon(F.e(message), { R8: toOracle(r8), S: s }, toOracle(key)),
    isOnCurve: (point) => babyJub.inCurve(toOracle(point)),
    isInSubgroup: (point) => babyJub.inSubgroup(toOracle(point)),
    add: (left, right) => fromOracle(babyJub.addPoint(toOracle(left), toOracle(right))),
    multiply: (point, scalar) => fromOracle(babyJub.mulPointEscalar(toOracle(point), scalar)),
  };
}

/** The oracle; built once. */
export function loadOracle(): Promise<Oracle> {
  instance ??= buildEddsa().then(wrap);
  return instance;
}
