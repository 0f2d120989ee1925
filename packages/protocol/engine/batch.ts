/** What an engine asks of a batch before it executes anything. */

import { RollupError } from '../errors/index.ts';
import { requireBits, requireFieldElement } from '../integers.ts';
import { TIME_BITS, WORD_BYTES } from '../params.ts';
import { requireFeeTokens } from '../state/chunk.ts';
import type { EngineBatch, ExecuteOptions } from './engine.ts';
import { requireOperations } from './operation.ts';

/**
 * Checks all of a batch but the operations themselves.
 *
 * @returns how many slots each chunk has.
 * @throws RollupError OUT_OF_RANGE for domain or time, FEE_TOKEN_ORDER, WRONG_LENGTH for bytes or ids.
 */
export function requireBatch(
  { domain, batchTime, chunks }: EngineBatch,
  { signatures }: Pick<ExecuteOptions, 'signatures'>,
): number[] {
  requireFieldElement('domain', domain);
  requireBits('batchTime', batchTime, TIME_BITS);
  const counts = chunks.map(({ operations, feeTokens }) => {
    requireFeeTokens(feeTokens);
    return requireOperations(operations);
  });
  if (typeof signatures === 'object') {
    const expected = WORD_BYTES * counts.reduce((sum, count) => sum + count, 0);
    const actual = signatures.ids.length;
    if (actual !== expected) {
      const message = `the ids of the batch have ${actual} bytes, expected ${expected}`;
      throw new RollupError('WRONG_LENGTH', message, { name: 'ids', expected, actual });
    }
  }
  return counts;
}
