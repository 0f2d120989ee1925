import { strict as assert } from 'node:assert';
import { firstMissing, requireAll } from '../../packages/chain/complete.ts';

describe('Chain: whether logs are whole', () => {
  const cases: [string, number[], number, number | undefined, number | undefined][] = [
    ['takes no logs as whole when nothing was requested', [], 4, 4, undefined],
    ['misses the next one when the contract has one more', [], 4, 5, 4],
    ['takes what follows as whole', [4, 5], 4, 6, undefined],
    ['misses the first', [5], 4, 6, 4],
    ['misses one in between', [4, 6], 4, 7, 5],
    ['misses the last', [4, 5], 4, 7, 6],
    ['takes known ones again', [2, 3, 4], 4, 5, undefined],
    ['misses one between known ones', [1, 3, 4], 4, 5, 2],
    ['misses known ones at the end', [1, 2], 4, 4, 3],
    ['sees no end without the count', [4], 4, undefined, undefined],
    ['misses known ones at the end without the count', [1, 2], 4, undefined, 3],
    ['misses one in between without the count', [5], 4, undefined, 4],
    ['does not miss what the contract does not count', [], 4, 3, undefined],
  ];
  for (const [title, numbers, next, count, expected] of cases) {
    it(title, () => assert.equal(firstMissing(numbers, { next, count }), expected));
  }

  it('names what is missing and the blocks', () => {
    const check = () => requireAll('request', [0], { next: 0, count: 2 }, { from: 3, to: 8 });
    assert.throws(check, {
      code: 'L1_LOGS_INCOMPLETE',
      data: { what: 'request 1', missing: 1, fromBlock: 3, toBlock: 8 },
    });
  });

  for (const [title, numbers, next] of [
    ['more logs than the contract counts', [2, 3], 2],
    ['fewer on the contract than were read before', [], 4],
  ] as const) {
    it(`takes ${title} as a contradiction`, () => {
      const check = () => requireAll('request', numbers, { next, count: 3 }, { from: 3, to: 8 });
      assert.throws(check, {
        code: 'L1_INCONSISTENT',
        data: { what: 'the count of requests', expected: 3, actual: 4 },
      });
    });
  }
});
