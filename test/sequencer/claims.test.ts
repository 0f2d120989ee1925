import { strict as assert } from 'node:assert';
import { type Withdrawal, withdrawalProof } from '@quittance/protocol';
import { createClaims } from '../../sequencer/claims.ts';
import type { BatchRow, Storage } from '../../storage/index.ts';

const withdrawalsOf = (number: number): Withdrawal[] =>
  Array.from({ length: 5 }, (_, index) => ({ ownerAndToken: BigInt(1_000 * number + index), amount: 1n }));

describe('Sequencer: claims of withdrawals', () => {
  let read: number[];
  let hashes: Map<number, string>;
  let claim: ReturnType<typeof createClaims>;

  beforeEach(() => {
    read = [];
    hashes = new Map(Array.from({ length: 12 }, (_, number) => [number, `hash ${number}`]));
    const batches = {
      get(number: number) {
        const headerHash = hashes.get(number);
        return headerHash === undefined ? undefined : ({ headerHash, header: { number }, state: 'final' } as BatchRow);
      },
    } as Storage['batches'];
    const outcomes = {
      withdrawalsOf(number: number) {
        read.push(number);
        return withdrawalsOf(number);
      },
    } as Storage['outcomes'];
    claim = createClaims({ batches, outcomes });
  });

  it('have the path of each withdrawal, and hash the tree of a batch once', () => {
    for (const index of [0, 4, 2]) {
      const { withdrawal, siblings, status, header } = claim(3, index);
      assert.deepEqual(withdrawal, withdrawalsOf(3)[index]);
      assert.deepEqual(siblings, withdrawalProof(withdrawalsOf(3), index));
      assert.deepEqual([status, header.number], ['final', 3]);
    }
    assert.deepEqual(read, [3]);
  });

  it('keep the trees of eight batches', () => {
    for (let number = 0; number < 9; number++) claim(number, 0);
    claim(8, 1);
    claim(1, 1);
    assert.equal(read.length, 9);
    claim(0, 1);
    assert.equal(read.length, 10);
  });

  it('read a batch again that was sealed anew', () => {
    claim(3, 0);
    hashes.set(3, 'another');
    claim(3, 0);
    assert.deepEqual(read, [3, 3]);
  });

  it('are NOT_FOUND without such a batch or such a withdrawal', () => {
    for (const [number, index] of [
      [99, 0],
      [3, 5],
      [3, -1],
    ] as const) {
      assert.throws(() => claim(number, index), { code: 'NOT_FOUND', data: { batch: number, actual: index } });
    }
  });
});
