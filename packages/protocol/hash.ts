/** Poseidon over BN254 with circomlib's constants: the one hash of the state. */

// One by one: the package's index would bring the constants of all sixteen widths, 360 kB more in a browser.
import { poseidon1 } from 'poseidon-lite/poseidon1';
import { poseidon2 } from 'poseidon-lite/poseidon2';
import { poseidon3 } from 'poseidon-lite/poseidon3';
import { poseidon4 } from 'poseidon-lite/poseidon4';
import { poseidon5 } from 'poseidon-lite/poseidon5';
import { poseidon6 } from 'poseidon-lite/poseidon6';
import { RollupError } from './errors/index.ts';
import { requireFieldElement } from './integers.ts';

/** A Poseidon implementation. The composition root injects the native one where it is built. */
export interface Hasher {
  /**
   * Poseidon of 1 to 6 field elements.
   *
   * @throws RollupError OUT_OF_RANGE when an input is not below r, or there are too many or none.
   */
  hash(inputs: readonly bigint[]): bigint;
  /**
   * `hash` of each group, for implementations that are faster with many at once; all groups have the same length.
   *
   * @throws RollupError OUT_OF_RANGE as `hash`, or WRONG_LENGTH when the lengths differ.
   */
  hashMany?(groups: readonly (readonly bigint[])[]): bigint[];
}

/** Groups of one call of `Hasher.hashMany`: bounds its memory. */
const MAX_GROUPS = 4096;

/**
 * Poseidon of the inputs of each item, many at once where the hasher can. All items have the same number of inputs.
 *
 * @throws RollupError as the hasher.
 */
export function hashMany<T>(hasher: Hasher, items: readonly T[], inputsOf: (item: T) => readonly bigint[]): bigint[] {
  const hashes: bigint[] = [];
  for (let first = 0; first < items.length; first += MAX_GROUPS) {
    const groups = items.slice(first, first + MAX_GROUPS).map(inputsOf);
    for (const hash of hasher.hashMany?.(groups) ?? groups.map((group) => hasher.hash(group))) hashes.push(hash);
  }
  return hashes;
}

const BY_INPUT_COUNT = [poseidon1, poseidon2, poseidon3, poseidon4, poseidon5, poseidon6] as const;

/**
 * Plain TypeScript Poseidon (poseidon-lite), with the range checks that the library lacks.
 * Twin: circuits/lib/poseidon.circom PoseidonHash.
 * Twin: contracts/interfaces/IPoseidon4.sol hash.
 * Twin: contracts/interfaces/IPoseidon5.sol hash.
 * Twin: native/hash.ts nativeHasher.
 * Twin: native/core/src/poseidon/hash.rs hash.
 */
export const portableHasher: Hasher = {
  hash(inputs) {
    const poseidon = BY_INPUT_COUNT[inputs.length - 1];
    if (poseidon === undefined) {
      throw new RollupError(
        'OUT_OF_RANGE',
        `Poseidon takes 1 to ${BY_INPUT_COUNT.length} inputs, got ${inputs.length}`,
        {
          actual: inputs.length,
          expected: `1 to ${BY_INPUT_COUNT.length}`,
        },
      );
    }
    inputs.forEach((input, index) => {
      requireFieldElement(`Poseidon input ${index}`, input);
    });
    return poseidon([...inputs]);
  },
};
