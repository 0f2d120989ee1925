/** Points of BN254 as snarkjs's JSON has them: affine, each coordinate in decimal, with a 1 as the third coordinate. */

import { RollupError } from '@quittance/protocol';

type G1 = readonly [bigint, bigint];
type G2 = readonly [G1, G1];

export function encodeG1([x, y]: G1): string[] {
  return [x.toString(), y.toString(), '1'];
}

export function encodeG2([x, y]: G2): string[][] {
  return [x.map(String), y.map(String), ['1', '0']];
}

/** Whose points are read: what is refused when they are none. */
export type UnreadableCode = 'PROOF_UNREADABLE' | 'VERIFYING_KEY_UNREADABLE';

/** Reads an affine point of G1; the point at infinity has no such form. @throws RollupError `code`. */
export function decodeG1(point: readonly unknown[], code: UnreadableCode): [bigint, bigint] {
  if (!Array.isArray(point) || point.length !== 3 || point[2] !== '1') refusePoint(point, code);
  return decodePair(point.slice(0, 2), code);
}

/** As `decodeG1` for G2. */
export function decodeG2(point: readonly unknown[], code: UnreadableCode): [[bigint, bigint], [bigint, bigint]] {
  if (!Array.isArray(point) || point.length !== 3 || JSON.stringify(point[2]) !== '["1","0"]') refusePoint(point, code);
  return [decodePair(point[0], code), decodePair(point[1], code)];
}

function decodePair(pair: unknown, code: UnreadableCode): [bigint, bigint] {
  if (!Array.isArray(pair) || pair.length !== 2) refusePoint(pair, code);
  const [first, second] = (pair as unknown[]).map((text) => {
    if (typeof text !== 'string' || !/^(0|[1-9][0-9]{0,77})$/.test(text)) refusePoint(text, code);
    return BigInt(text as string);
  });
  return [first!, second!];
}

function refusePoint(value: unknown, code: UnreadableCode): never {
  throw new RollupError(code, `${JSON.stringify(value)} is not an affine point in decimal`, {});
}
