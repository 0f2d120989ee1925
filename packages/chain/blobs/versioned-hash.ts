/** The names that L1 gives blobs. Source: EIP-4844. */

import { type Bytes32, RollupError } from '@quittance/protocol';
import { MAX_BLOBS_PER_BLOCK } from './origin.ts';

const VERSIONED_HASH = /^0x01[0-9a-f]{62}$/i;

/** Whether something is a versioned hash: one byte with the version, 1, and 31 of the hash of a commitment. */
export function isVersionedHash(value: unknown): value is Bytes32 {
  return typeof value === 'string' && VERSIONED_HASH.test(value);
}

/**
 * The hashes of a transaction's blobs, as a node gave them.
 *
 * @throws RollupError L1_INCONSISTENT when they are more than a block has, or one is no versioned hash: no block of L1 has such
 * a transaction.
 */
export function requireBlobHashes(given: readonly unknown[]): readonly Bytes32[] {
  if (given.length > MAX_BLOBS_PER_BLOCK) {
    const [expected, actual] = [`at most ${MAX_BLOBS_PER_BLOCK}`, given.length];
    const message = `L1 gave a transaction with ${actual} blobs, a block has ${expected}; check the node`;
    throw new RollupError('L1_INCONSISTENT', message, { what: 'the number of blobs', expected, actual });
  }
  const position = given.findIndex((hash) => !isVersionedHash(hash));
  if (position < 0) return given as readonly Bytes32[];
  const actual = String(given[position]).slice(0, 66);
  const message = `L1 gave a transaction whose blob ${position} is ${actual}, which is no versioned hash; check the node`;
  throw new RollupError('L1_INCONSISTENT', message, {
    what: `the hash of blob ${position}`,
    expected: '0x01…',
    actual,
  });
}
