/** The reference engine and the native one side by side: whatever one says, the other has to say. */

import assert from 'node:assert/strict';
import {
  type Account,
  type Crypto,
  createReferenceEngine,
  type Engine,
  type EngineBatch,
  type ExecuteOptions,
  type Execution,
  type ExecutionState,
} from '@quittance/protocol';
import { createNativeEngine, nativeHasher, nativeSignatureVerifier } from '../../../native/index.ts';
import { stateContent } from '../../support/rollup/engine-batch.ts';

/** Quick cryptography for both: that it agrees with the portable one is tested elsewhere. */
export const NATIVE_CRYPTO: Crypto = { hasher: nativeHasher, verifier: nativeSignatureVerifier };

export const reference: Engine = createReferenceEngine(NATIVE_CRYPTO);

/** Of one thread, of a few, and of more than this machine may have. */
export const natives: readonly Engine[] = [1, 2, 7].map((threads) => createNativeEngine({ threads }));

/** An execution without what is only a view of its bytes. */
const contentOf = ({ refusals, chunks, changes }: Execution) => ({
  refusals,
  chunks,
  changes: { count: changes.count, bytes: changes.bytes },
});

/** Asserts that both views of a state are the same. */
export function assertSameState(native: ExecutionState, expected: ExecutionState): void {
  assert.deepEqual(stateContent(native), stateContent(expected));
  const sorted = [...expected.accounts()].sort(([one], [other]) => one - other);
  assert.deepEqual([...native.accounts()], sorted);
}

/**
 * Executes a batch by the reference and by a native engine of each number of threads on the same accounts.
 *
 * @returns what all of them gave.
 */
export async function executeOnAll(
  accounts: readonly (readonly [index: number, account: Account])[],
  batch: EngineBatch,
  options: ExecuteOptions,
): Promise<Execution> {
  const expectedState = reference.createState(accounts);
  const expected = await reference.execute(expectedState, batch, options);
  for (const engine of natives) {
    const state = engine.createState(accounts);
    assert.deepEqual(contentOf(await engine.execute(state, batch, options)), contentOf(expected));
    assertSameState(state, expectedState);
    for (const { index } of expected.changes) {
      assert.deepEqual(state.get(index), expectedState.get(index));
      assert.deepEqual(state.access(index), expectedState.access(index));
      assert.deepEqual(state.path(index), expectedState.path(index));
    }
  }
  return expected;
}
