/** Lagrange polynomials at the secret point, on the domains that snarkjs uses. */

import { FIELD_MODULUS, RollupError } from '@quittance/protocol';
import { inverse, invertAll, power } from '../formats/field.ts';

/** r − 1 = 2^28 · odd. */
const TWO_ADICITY = 28;

/** Lagrange polynomials of a domain, evaluated at the secret point. */
export interface LagrangeValues {
  /** L_i(tau) over the domain of 2^k points. */
  readonly domain: readonly bigint[];
  /** L_{2i+1}(tau) over the domain of 2^(k+1) points: the odd coset on which snarkjs gives the quotient. */
  readonly oddCoset: readonly bigint[];
}

/**
 * @throws RollupError OUT_OF_RANGE when 2^(k+1) has no root of unity, or tau is in the domain.
 */
export function lagrangeAt(tau: bigint, domainPower: number): LagrangeValues {
  if (domainPower + 1 > TWO_ADICITY) {
    throw new RollupError('OUT_OF_RANGE', `a domain of 2^${domainPower} is too large`, { domainPower });
  }
  const root = rootOfUnity(domainPower + 1);
  const size = 2 ** domainPower;
  const square = (root * root) % FIELD_MODULUS;
  return {
    domain: evaluate(tau, BigInt(size), 1n, square, size),
    oddCoset: evaluate(tau, BigInt(2 * size), root, square, size),
  };
}

/** L(tau) = point·(tau^n − 1) / (n·(tau − point)) for the points first, first·step, first·step², … */
function evaluate(tau: bigint, domainSize: bigint, first: bigint, step: bigint, count: number): bigint[] {
  const vanishing = (power(tau, domainSize) - 1n + FIELD_MODULUS) % FIELD_MODULUS;
  if (vanishing === 0n) throw new RollupError('OUT_OF_RANGE', 'the secret point lies in the domain', {});
  const factor = (vanishing * inverse(domainSize)) % FIELD_MODULUS;
  const numerators: bigint[] = new Array(count);
  const values: bigint[] = new Array(count);
  let point = first;
  for (let index = 0; index < count; index++) {
    numerators[index] = (point * factor) % FIELD_MODULUS;
    values[index] = (tau - point + FIELD_MODULUS) % FIELD_MODULUS;
    point = (point * step) % FIELD_MODULUS;
  }
  invertAll(values);
  for (let index = 0; index < count; index++) values[index] = (values[index]! * numerators[index]!) % FIELD_MODULUS;
  return values;
}

/** The root of order 2^power that ffjavascript uses: from the smallest quadratic non-residue ≥ 2. */
export function rootOfUnity(powerOfTwo: number): bigint {
  let nonResidue = 2n;
  while (power(nonResidue, (FIELD_MODULUS - 1n) / 2n) === 1n) nonResidue += 1n;
  const primitive = power(nonResidue, (FIELD_MODULUS - 1n) >> BigInt(TWO_ADICITY));
  return power(primitive, 1n << BigInt(TWO_ADICITY - powerOfTwo));
}
