import { strict as assert } from 'node:assert';
import { type Doubt, doubtError, judgeSight, type Sight } from '../../../sequencer/reorg/doubt.ts';

const HASH = `0x${'11'.repeat(32)}`;
const another: Sight = { queueIndex: 7, found: 'another', blockNumber: 90, blockHash: HASH };
const nothing: Sight = { ...another, found: 'nothing' };
const since = (sight: Sight, firstSeenAt: number): Doubt => ({ ...sight, firstSeenAt });

describe('Reorgs: a doubt', () => {
  it('begins with the first sight, and is not certain then', () => {
    assert.deepEqual(judgeSight(undefined, another, 100, 3), { doubt: since(another, 100), isConfirmed: false });
  });

  it('is certain with as many blocks on its first sight as a deposit needs, and not with one less', () => {
    for (const sight of [another, nothing]) {
      const known = since(sight, 100);
      assert.deepEqual(judgeSight(known, sight, 102, 3), { doubt: known, isConfirmed: false });
      assert.deepEqual(judgeSight(known, sight, 103, 3), { doubt: known, isConfirmed: true });
    }
  });

  it('ends when L1 has everything as it was taken on', () => {
    assert.deepEqual(judgeSight(since(another, 1), undefined, 100, 3), { doubt: undefined, isConfirmed: false });
  });

  for (const [what, sight] of [
    ['another operation of the queue', { ...another, queueIndex: 6 }],
    ['the same operation in another block', { ...another, blockHash: `0x${'22'.repeat(32)}` }],
    ['nothing any more', nothing],
  ] as const) {
    it(`begins anew when a look finds ${what}`, () => {
      assert.deepEqual(judgeSight(since(another, 1), sight, 100, 3), { doubt: since(sight, 100), isConfirmed: false });
    });
  }

  it('that nothing is there goes on while more blocks hold nothing', () => {
    const later = { ...nothing, blockNumber: 95, blockHash: `0x${'22'.repeat(32)}` };
    assert.deepEqual(judgeSight(since(nothing, 100), later, 103, 3), { doubt: since(nothing, 100), isConfirmed: true });
  });

  it('is told as what was found, with the operation', () => {
    assert.deepEqual([doubtError(nothing).code, doubtError(nothing).data], ['OPERATION_TAKEN_BACK', { queueIndex: 7 }]);
    assert.deepEqual([doubtError(another).code, doubtError(another).data], ['OPERATION_REPLACED', { queueIndex: 7 }]);
  });
});
