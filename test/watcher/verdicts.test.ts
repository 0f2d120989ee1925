import { strict as assert } from 'node:assert';
import type { Fault } from '@quittance/derivation';
import { blocksFollowers, countCommon, needsReplay } from '../../watcher/replay/judge.ts';
import type { BatchVerdict } from '../../watcher/replay/verdict.ts';

const verdictOf = (...conclusive: readonly boolean[]): BatchVerdict => ({
  faults: new Map(conclusive.map((isConclusive, chunk) => [chunk, { chunk, isConclusive } as Fault])),
  replaySeconds: 0,
});

describe('Watcher: which batches are replayed', () => {
  it('are those behind the first that the chain of states does not have', () => {
    const chain = ['base', 'a', 'b'];
    for (const [hashes, expected] of [
      [[], 0],
      [['a'], 1],
      [['a', 'b'], 2],
      [['a', 'b', 'c'], 2],
      [['x', 'b'], 0],
      [['a', 'x', 'b'], 1],
    ] as const) {
      assert.equal(countCommon(chain, hashes), expected, hashes.join());
    }
  });

  it('are those without a verdict, and those whose state is needed and was taken back', () => {
    for (const isOnChain of [false, true]) assert.equal(needsReplay(undefined, isOnChain), true);
    for (const verdict of [verdictOf(), verdictOf(false)]) {
      assert.equal(needsReplay(verdict, true), false);
      assert.equal(needsReplay(verdict, false), true);
    }
    // Nothing stands on such a lie, so no state after it is needed.
    assert.equal(needsReplay(verdictOf(false, true), false), false);
  });

  it('are none behind one that was not judged, or that nothing can make good', () => {
    assert.equal(blocksFollowers(undefined), true);
    assert.equal(blocksFollowers(verdictOf(false, true)), true);
    assert.equal(blocksFollowers(verdictOf(false)), false);
    assert.equal(blocksFollowers(verdictOf()), false);
  });
});
