import assert from 'node:assert/strict';
import { createSlices } from '../../runtime/index.ts';

describe('work in slices', () => {
  it('goes on at once within a slice, and lets others run after it', async () => {
    assert.equal(createSlices(3_600_000)(), undefined);
    const pause = createSlices(0);
    let ran = false;
    setImmediate(() => {
      ran = true;
    });
    await pause();
    assert.ok(ran);
    assert.notEqual(pause(), undefined);
  });
});
