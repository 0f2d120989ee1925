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

/** Reads an affine point of G1; the point at infinity has no such form. @throws RollupError MALFORMED. */
export function decodeG1(point: readonly unknown[]): [bigint, bigint] {
  if (!Array.isArray(point) || point.length !== 3 || point[2] !== '1') refusePoint(point);
  return [decodeInteger(point[0]), decodeInteger(point[1])];
}

/** As `decodeG1` for G2. */
export function decodeG2(point: readonly unknown[]): [[bigint, bigint], [bigint, bigint]] {
  if (!Array.isArray(point) || point.length !== 3 || String(point[2]) !== '1,0') refusePoint(point);
  const [[x0, x1], [y0, y1]] = point as unknown[][] as [[unknown, unknown], [unknown, unknown]];
  return [
    [decodeInteger(x0), decodeInteger(x1)],
    [decodeInteger(y0), decodeInteger(y1)],
  ];
}

function decodeInteger(text: unknown): bigint {
  if (typeof text !== 'string' || !/^(0|[1-9][0-9]{0,77})$/.test(text)) refusePoint(text);
  return BigInt(text as string);
}

function refusePoint(value: unknown): never {
  throw new RollupError('MALFORMED', `${JSON.stringify(value)} is no affine point in decimal`, {});
}
