import assert from 'node:assert/strict';
import { chooseCrypto } from '../../cli/crypto.ts';
import { isNativeAvailable } from '../../native/index.ts';
import { batchOf, OPTIONS, refusedIn } from '../support/rollup/engine-batch.ts';
import { CONTEXT, createState, INDEX, transfer } from '../support/rollup/scene.ts';

describe('the cryptography of a process', () => {
  it('has an engine, natively where there is one, whose hashes and signatures are its own', async () => {
    const { engine, hasher } = chooseCrypto();
    assert.equal(engine.name, isNativeAvailable() ? 'native' : 'reference');
    const expected = createState();
    const state = engine.createState(expected.accounts());
    assert.equal(state.root, expected.root);
    assert.deepEqual(refusedIn(await engine.execute(state, batchOf(CONTEXT, [transfer(), transfer()]), OPTIONS)), [
      [0, 1, 'BAD_SIGNATURE'],
    ]);
    const { chunks } = await engine.execute(state, batchOf(CONTEXT, [transfer()]), OPTIONS);
    assert.equal(state.get(INDEX.bob)!.balance, 1_100n);
    assert.equal(state.root, chunks[0]!.newRoot);
    assert.equal(state.root, hasher.hash(state.path(INDEX.bob)[0]!));
  });
});
