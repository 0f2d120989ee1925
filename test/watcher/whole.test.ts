import { strict as assert } from 'node:assert';
import { findMissing, type LastNumbers } from '../../watcher/follow/whole.ts';
import type { WatchedEvent } from '../../watcher/store/events.ts';

const final = (number: number) => ({ type: 'finalized', header: { number } }) as WatchedEvent;
const asserted = (id: number) => ({ type: 'asserted', assertionId: BigInt(id) }) as WatchedEvent;
const disputed = (id: number) => ({ type: 'disputed', disputeId: BigInt(id) }) as WatchedEvent;

const last = (finalized: number, ids = 0, disputes = 0): LastNumbers => ({
  finalized,
  asserted: ids,
  disputed: disputes,
});
const find = (events: readonly WatchedEvent[], known: LastNumbers, counted?: LastNumbers) =>
  findMissing(events, known, counted, { from: 1, to: 9 });

describe('Watcher: whether events are whole', () => {
  it('takes all from the genesis on as whole', () => {
    assert.equal(find([final(0), asserted(1), disputed(1), final(1)], last(-1), last(1, 1, 1)), undefined);
  });

  it('takes what follows what was read, and what was read before, as whole', () => {
    assert.equal(find([asserted(4), asserted(5), disputed(3)], last(2, 4, 2), last(2, 5, 3)), undefined);
  });

  for (const [kind, events, known, counted, number] of [
    ['finalized', [], last(2, 4, 2), last(3, 4, 2), 3],
    ['finalized', [final(4)], last(2, 4, 2), undefined, 3],
    ['asserted', [], last(2, 4, 2), last(2, 5, 2), 5],
    ['asserted', [asserted(6)], last(2, 4, 2), last(2, 6, 2), 5],
    ['disputed', [], last(2, 4, 2), last(2, 4, 3), 3],
    ['disputed', [disputed(4)], last(2, 4, 2), undefined, 3],
  ] as const) {
    it(`misses ${kind} ${number} among ${events.length}, ${counted === undefined ? 'not ' : ''}counted`, () => {
      assert.deepEqual(find(events, known, counted), { kind, number });
    });
  }

  it('judges nothing without the genesis, which another says', () => {
    assert.equal(find([final(5), asserted(9)], last(-1), last(5, 9)), undefined);
  });

  it('takes more events than the contract counts as a contradiction', () => {
    assert.throws(() => find([asserted(5), asserted(6)], last(2, 4), last(2, 5)), { code: 'L1_INCONSISTENT' });
  });
});
