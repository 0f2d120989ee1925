import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FIELD_MODULUS } from '@quittance/protocol';
import { openStorage, type Storage } from '../../storage/index.ts';

const account = (balance: bigint, owner = 5n) => ({
  keyY: FIELD_MODULUS - 1n,
  owner,
  tokenId: 2 ** 32 - 1,
  nonce: 2 ** 32 - 1,
  balance,
});

describe('Storage: accounts', () => {
  let directory: string;
  let storage: Storage;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'quittance-leaves-'));
    storage = openStorage({ file: join(directory, 'db') });
    storage.commit(() => {
      storage.leaves.put(1, [
        [0, account(1n)],
        [7, account(2n ** 128n - 1n)],
      ]);
      storage.leaves.put(2, [[0, account(2n)]]);
      storage.leaves.put(4, [
        [0, account(4n)],
        [9, account(9n, 2n ** 160n - 1n)],
      ]);
    });
  });
  afterEach(() => {
    storage.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const balances = (batch: number) =>
    [...storage.leaves.stateAfter(batch)].map(([index, { balance }]) => [index, balance]);

  it('loads the state after any batch', () => {
    assert.deepEqual(balances(0), []);
    assert.deepEqual(balances(1), [
      [0, 1n],
      [7, 2n ** 128n - 1n],
    ]);
    assert.deepEqual(balances(3), [
      [0, 2n],
      [7, 2n ** 128n - 1n],
    ]);
    assert.deepEqual(balances(4), [
      [0, 4n],
      [7, 2n ** 128n - 1n],
      [9, 9n],
    ]);
    assert.deepEqual(storage.leaves.getAfter(3, 0), account(2n));
    assert.equal(storage.leaves.getAfter(3, 9), undefined);
  });

  it('says what batches changed', () => {
    assert.deepEqual(
      storage.leaves.changedIn(2, 4).map(([index, { balance }]) => [index, balance]),
      [
        [0, 4n],
        [9, 9n],
      ],
    );
  });

  it('forgets superseded versions only', () => {
    storage.commit(() => storage.leaves.pruneBefore(2));
    assert.deepEqual(balances(2), [
      [0, 2n],
      [7, 2n ** 128n - 1n],
    ]);
    assert.deepEqual(balances(4), [
      [0, 4n],
      [7, 2n ** 128n - 1n],
      [9, 9n],
    ]);
    assert.deepEqual(balances(1), [[7, 2n ** 128n - 1n]]);
  });

  it('forgets batches from the end', () => {
    storage.commit(() => storage.leaves.removeFrom(2));
    assert.deepEqual(balances(9), [
      [0, 1n],
      [7, 2n ** 128n - 1n],
    ]);
  });

  it('refuses numbers that do not fit their column', () => {
    assert.throws(() => storage.leaves.put(5, [[1, account(2n ** 128n)]]), { code: 'OUT_OF_RANGE' });
    assert.throws(() => storage.leaves.put(5, [[1, account(-1n)]]), { code: 'OUT_OF_RANGE' });
  });
});
