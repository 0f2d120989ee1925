/**
 * EdDSA on BabyJubJub from the formulas of EIP-2494, for the naive model: apart from packages/protocol/ and @noble/curves, plain, and
 * fast enough for a hundred thousand records, which circomlibjs is not. Points are (X, Y, Z) with x = X/Z, y = Y/Z.
 */

import type { CurvePoint } from '@quittance/protocol';
import type { Oracle } from './oracle.ts';

const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const A = 168700n;
const D = 168696n;
const BASE8 = {
  x: 5299619240641551281634865583518297030282874472190772894086521144482721001553n,
  y: 16950150798460657717958625567821834550301663161624707787222815936182638968203n,
};

type Projective = readonly [x: bigint, y: bigint, z: bigint];

const IDENTITY: Projective = [0n, 1n, 1n];

/** Complete, because a is a square and d is none: doubles as well. Bernstein and Lange, "add-2008-bbjlp". */
function add([x1, y1, z1]: Projective, [x2, y2, z2]: Projective): Projective {
  const a = (z1 * z2) % R;
  const b = (a * a) % R;
  const c = (x1 * x2) % R;
  const d = (y1 * y2) % R;
  const e = (D * ((c * d) % R)) % R;
  const f = b - e + R;
  const g = b + e;
  const x = (((a * f) % R) * (((x1 + y1) * (x2 + y2) - c - d) % R)) % R;
  const y = (((a * g) % R) * ((d - A * c) % R)) % R;
  return [x, y, (f * g) % R];
}

/** u·P + v·Q, bit by bit. */
function combine(u: bigint, p: Projective, v: bigint, q: Projective): Projective {
  const both = add(p, q);
  let sum = IDENTITY;
  const length = Math.max(u.toString(2).length, v.toString(2).length);
  for (let bit = BigInt(length - 1); bit >= 0n; bit -= 1n) {
    sum = add(sum, sum);
    const [inU, inV] = [(u >> bit) & 1n, (v >> bit) & 1n];
    if (inU && inV) sum = add(sum, both);
    else if (inU) sum = add(sum, p);
    else if (inV) sum = add(sum, q);
  }
  return sum;
}

const lift = ({ x, y }: CurvePoint): Projective => [x, y, 1n];
const isSame = ([x1, y1, z1]: Projective, [x2, y2, z2]: Projective): boolean =>
  (x1 * z2 - x2 * z1) % R === 0n && (y1 * z2 - y2 * z1) % R === 0n;

/**
 * Whether S·B8 = R8 + h·8·A for points on the curve and S < l; h = hash(R8, A, message).
 *
 * @param hash Poseidon.
 */
function isSignatureEquationTrue(
  hash: Oracle['hash'],
  message: bigint,
  { r8, s }: { readonly r8: CurvePoint; readonly s: bigint },
  key: CurvePoint,
): boolean {
  const h = hash([r8.x, r8.y, key.x, key.y, message]);
  const minusKey: Projective = [R - key.x, key.y, 1n];
  // S·B8 − 8h·A, with h and the cofactor as integers: no order is used.
  return isSame(combine(s, lift(BASE8), 8n * h, minusKey), lift(r8));
}

/** Every so many signatures circomlibjs is asked too. */
const CHECK_EVERY = 64;
const MAX_REMEMBERED = 100_000;

/** The oracle with its hashes remembered and its signature equation computed here, and checked against circomlibjs. */
export function fastOracle(oracle: Oracle): Oracle {
  const known = new Map<string, bigint>();
  let count = 0;
  const hash: Oracle['hash'] = (inputs) => {
    const key = inputs.join();
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= MAX_REMEMBERED) known.clear();
    const value = oracle.hash(inputs);
    known.set(key, value);
    return value;
  };
  return {
    ...oracle,
    hash,
    verify(message, signature, key) {
      const isTrue = isSignatureEquationTrue(hash, message, signature, key);
      count += 1;
      if (count % CHECK_EVERY === 0 && oracle.verify(message, signature, key) !== isTrue) {
        throw new Error(
          `circomlibjs disagrees: ${[message, signature.r8.x, signature.r8.y, signature.s, key.x, key.y]}`,
        );
      }
      return isTrue;
    },
  };
}
