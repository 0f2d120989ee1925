import { strict as assert } from 'node:assert';
import { requireMeans } from '../../watcher/connect.ts';
import { landmarksBefore, reachableHeads } from '../../watcher/follow/follower.ts';
import { WATCH_MODES } from '../../watcher/index.ts';
import { l1Time } from '../../watcher/situate.ts';
import { assertCode } from '../support/assertions.ts';

describe('Watcher: what a mode needs', () => {
  it('is nothing to observe', () => {
    for (const isOptimistic of [false, true]) requireMeans('observe', '0x01', isOptimistic, false);
  });

  for (const mode of WATCH_MODES.filter((candidate) => candidate !== 'observe')) {
    it(`is optimistic mode and an account to ${mode}`, () => {
      requireMeans(mode, '0x01', true, true);
      assertCode(() => requireMeans(mode, '0x01', false, true), 'NO_OPTIMISTIC_MODE');
      assertCode(() => requireMeans(mode, '0x01', false, false), 'NO_OPTIMISTIC_MODE');
      assertCode(() => requireMeans(mode, '0x01', true, false), 'CONFIG_INVALID');
    });
  }
});

describe('Watcher: the time on L1', () => {
  it('goes on by our clock while L1 makes no block, and never falls behind its newest', () => {
    assert.deepEqual(l1Time({ timestamp: 100 }, 99_999), { block: 100, now: 100 });
    assert.deepEqual(l1Time({ timestamp: 100 }, 100_999), { block: 100, now: 100 });
    assert.deepEqual(l1Time({ timestamp: 100 }, 101_000), { block: 100, now: 101 });
  });
});

describe('Watcher: the heads that it keeps', () => {
  const head = (number: number) => ({ number, hash: String(number) });

  it('are asked for again as far back as a reorg is followed', () => {
    assert.deepEqual(reachableHeads([]), []);
    assert.deepEqual(reachableHeads([head(300), head(172), head(171)]), [head(300), head(172)]);
  });

  it('get denser towards the newest, and none lies before what was read', () => {
    assert.deepEqual(landmarksBefore(200, 0), [199, 198, 196, 192, 184, 168, 136, 72]);
    assert.deepEqual(landmarksBefore(200, 192), [199, 198, 196, 192]);
    assert.deepEqual(landmarksBefore(200, 200), []);
  });
});
