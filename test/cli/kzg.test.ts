import assert from 'node:assert/strict';
import { createThreadedKzg } from '../../cli/kzg/threaded.ts';
import { randomBlob, testKzg } from '../support/blobs/kzg.ts';

describe('CLI: KZG on a thread of its own', function () {
  this.timeout(120_000);

  it('computes what KZG computes elsewhere, and leaves the process free meanwhile', async () => {
    const [threaded, other] = await Promise.all([createThreadedKzg(), testKzg()]);
    const blob = randomBlob('thread');
    let turns = 0;
    const turn = setInterval(() => {
      turns += 1;
    }, 5);
    const commitment = await threaded.commitment(blob);
    clearInterval(turn);
    assert.ok(turns > 5, `${turns}`);
    assert.deepEqual(commitment, await other.commitment(blob));
    const { y, proof } = await threaded.open(blob, 7n);
    assert.deepEqual({ y, proof }, await other.open(blob, 7n));
    assert.equal(await threaded.verify(commitment, 7n, y, proof), true);
    assert.equal(await threaded.verify(commitment, 8n, y, proof), false);
  });

  it('fails a call that it cannot answer, and answers the next', async () => {
    const threaded = await createThreadedKzg();
    await assert.rejects(threaded.commitment(new Uint8Array(5)));
    const { cells, proofs } = { cells: [], proofs: [] };
    assert.equal(await threaded.verifyCells(new Uint8Array(48), [1], { cells, proofs }), false);
  });
});
