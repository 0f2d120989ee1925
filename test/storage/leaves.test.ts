import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, decodeAccountRows, encodeAccountRows, FIELD_MODULUS } from '@quittance/protocol';
import fc from 'fast-check';
import { openStorage, type Storage } from '../../storage/index.ts';
import { LeafVersions } from '../../storage/leaf-versions.ts';
import { assertCode } from '../support/assertions.ts';
import { property } from '../support/property/property.ts';

const account = (balance: bigint, owner = 5n): Account => ({
  keyY: FIELD_MODULUS - 1n,
  owner,
  tokenId: 2 ** 32 - 1,
  nonce: 2 ** 32 - 1,
  balance,
});

/** A folder with a database, for each test. */
function useStorage() {
  let directory: string;
  let count = 0;
  const open = () => openStorage({ file: join(directory, `${count}.db`) });
  const opened = {
    storage: undefined as unknown as Storage,
    reopen() {
      opened.storage.close();
      opened.storage = open();
    },
    /** Goes on with an empty database. */
    clear() {
      count += 1;
      opened.reopen();
    },
  };
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'quittance-leaves-'));
    opened.storage = open();
  });
  afterEach(() => {
    opened.storage.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return opened;
}

const put = (storage: Storage, batch: number, accounts: Iterable<readonly [number, Account]>): void =>
  storage.commit(() => storage.leaves.put(batch, encodeAccountRows(accounts)));

function foldAll(storage: Storage, through: number): void {
  const fold = storage.leaves.fold(through);
  while (storage.stage(() => fold.step()));
}

describe('Storage: accounts', () => {
  const opened = useStorage();

  beforeEach(() => {
    put(opened.storage, 1, [
      [0, account(1n)],
      [7, account(2n ** 128n - 1n)],
    ]);
    put(opened.storage, 2, [[0, account(2n)]]);
    put(opened.storage, 4, [
      [0, account(4n)],
      [9, account(9n, 2n ** 160n - 1n)],
    ]);
  });

  const balances = (batch: number) =>
    [...opened.storage.leaves.stateAfter(batch)].map(([index, { balance }]) => [index, balance]);
  const changed = (first: number, last: number) =>
    [...decodeAccountRows(opened.storage.leaves.changedIn(first, last))].map(([index, { balance }]) => [
      index,
      balance,
    ]);

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
    const { leaves } = opened.storage;
    assert.deepEqual(leaves.getAfter(3, 0), account(2n));
    assert.deepEqual(
      [leaves.getAfter(3, 9), leaves.getAfter(0, 0), leaves.getAfter(9, 2 ** 23)],
      Array(3).fill(undefined),
    );
    assert.deepEqual(leaves.rowsAfter(4), Buffer.from(encodeAccountRows(leaves.stateAfter(4))));
  });

  it('says what batches changed', () => {
    assert.deepEqual(changed(2, 4), [
      [0, 4n],
      [9, 9n],
    ]);
    assert.deepEqual(changed(3, 3), []);
  });

  it('takes what a batch changed in parts, and many accounts of one part', () => {
    const { storage } = opened;
    const many = Array.from({ length: 300 }, (_, index) => [3 * index, account(BigInt(index))] as const);
    put(storage, 5, many.slice(0, 200));
    put(storage, 5, many.slice(200));
    assert.deepEqual(
      changed(5, 5),
      many.map(([index, { balance }]) => [index, balance]),
    );
    for (const [index, content] of many) {
      assert.deepEqual(storage.leaves.getAfter(5, index), content);
      assert.notDeepEqual(storage.leaves.getAfter(5, index + 1), content);
    }
  });

  it('forgets batches from the end, and takes them anew', () => {
    const { storage } = opened;
    assert.deepEqual(storage.leaves.getAfter(4, 9)?.balance, 9n);
    storage.commit(() => storage.leaves.removeFrom(2));
    assert.deepEqual(balances(9), [
      [0, 1n],
      [7, 2n ** 128n - 1n],
    ]);
    assert.equal(storage.leaves.getAfter(9, 9), undefined);
    put(storage, 2, [[9, account(8n)]]);
    assert.equal(storage.leaves.getAfter(9, 9)?.balance, 8n);
  });

  for (const [how, takeBack] of [
    ['without', ({ leaves }) => leaves.removeFrom(2)],
    ['with', ({ leaves }) => leaves.replaceAll(1, leaves.rowsAfter(1))],
  ] satisfies [string, (storage: Storage) => void][]) {
    it(`ends a fold of batches that are taken back, ${how} what was before them as one`, () => {
      const { storage } = opened;
      const before = [...storage.leaves.stateAfter(1)];
      const fold = storage.leaves.fold(2);
      // It has read what batches 1 and 2 changed, and written nothing yet.
      assert.equal(
        storage.stage(() => fold.step()),
        true,
      );
      storage.commit(() => takeBack(storage));
      assert.equal(
        storage.stage(() => fold.step()),
        false,
      );
      assert.deepEqual([...storage.leaves.stateAfter(1)], before);
      put(storage, 2, [[9, account(77n)]]);
      const after = [...storage.leaves.stateAfter(2)];
      foldAll(storage, 2);
      assert.deepEqual([...storage.leaves.stateAfter(2)], after);
      assert.equal(after.length, before.length + 1);
    });
  }

  it('refuses rows that are cut', () => {
    const { leaves } = opened.storage;
    const { data } = assertCode(() => leaves.put(5, new Uint8Array(81)), 'WRONG_LENGTH');
    assert.equal(data.actual, 81);
  });

  it('folds what is final away, and refuses to go back behind it', () => {
    const { storage } = opened;
    assert.equal(storage.leaves.unfoldedCount(2), 3);
    foldAll(storage, 2);
    assert.deepEqual([storage.leaves.unfoldedCount(2), storage.leaves.unfoldedCount(9)], [0, 2]);
    assert.deepEqual(balances(2), [
      [0, 2n],
      [7, 2n ** 128n - 1n],
    ]);
    assertCode(() => storage.leaves.rowsAfter(1), 'INVARIANT_BROKEN');
    assertCode(() => storage.leaves.changedIn(2, 4), 'INVARIANT_BROKEN');
    assert.deepEqual(changed(3, 4), [
      [0, 4n],
      [9, 9n],
    ]);
    assert.equal(storage.leaves.foldedThrough, 2);
    opened.reopen();
    assert.equal(opened.storage.leaves.unfoldedCount(9), 2);
    assertCode(() => opened.storage.leaves.rowsAfter(1), 'INVARIANT_BROKEN');
    assert.deepEqual(balances(4).length, 3);
  });
});

describe('Storage: accounts while they are folded', () => {
  const opened = useStorage();
  const LEAVES = 1_000;

  const change = fc.tuple(fc.nat(LEAVES - 1), fc.nat(99));
  const batch = fc.array(change, { minLength: 0, maxLength: 40 });
  /** A batch; then a fold of all before the last few, of which so many steps are done; then maybe a restart. */
  const step = fc.record({ batch, kept: fc.nat(3), steps: fc.nat(30), restarts: fc.boolean() });

  property(
    'are the same at every step, however far a fold came, and after a restart',
    [fc.array(step, { minLength: 3, maxLength: 14 })],
    (steps) => {
      opened.clear();
      const model: Map<number, bigint>[] = [new Map()];
      let base = 0;
      const check = (): void => {
        const { leaves } = opened.storage;
        for (let number = base; number < model.length; number++) {
          const state = model[number]!;
          const rows = [...leaves.stateAfter(number)].map(([index, { balance }]) => [index, balance]);
          assert.deepEqual(
            rows,
            [...state].sort(([one], [other]) => one - other),
          );
          for (let index = 0; index < LEAVES; index += 37) {
            assert.equal(leaves.getAfter(number, index)?.balance, state.get(index), `leaf ${index} after ${number}`);
          }
        }
      };
      for (const one of steps) {
        const number = model.length;
        const accounts = new Map(one.batch.map(([index, balance]) => [index, account(BigInt(balance))] as const));
        put(opened.storage, number, accounts);
        model.push(
          new Map([...model[number - 1]!, ...[...accounts].map(([index, { balance }]) => [index, balance] as const)]),
        );
        const through = Math.max(base, number - one.kept);
        if (one.steps > 0) {
          base = through;
          const fold = opened.storage.leaves.fold(through);
          for (let done = 0; done < one.steps; done++) if (!opened.storage.stage(() => fold.step())) break;
        }
        if (one.restarts) opened.reopen();
        check();
      }
      foldAll(opened.storage, model.length - 1);
      base = model.length - 1;
      check();
    },
    { runs: 40 },
  );
});

describe('Storage: versions of leaves', () => {
  property(
    'are found as in a plain list, through removal from both ends',
    [
      fc.array(
        fc.record({
          leaves: fc.array(fc.nat(3_000), { maxLength: 30 }),
          remove: fc.constantFrom('none', 'none', 'end', 'begin', 'beginAndEnd'),
          count: fc.nat(4),
        }),
        { maxLength: 40 },
      ),
    ],
    (steps) => {
      const versions = new LeafVersions();
      let list: { batch: number; leaf: number }[] = [];
      let batch = 0;
      for (const { leaves, remove, count } of steps) {
        batch += 1;
        for (const leaf of new Set(leaves)) {
          versions.add(batch, leaf);
          list.push({ batch, leaf });
        }
        const through = batch - count;
        if (remove === 'begin' || remove === 'beginAndEnd') {
          versions.beginForgetting(through);
          if (remove === 'beginAndEnd') {
            versions.removeFrom(batch);
            list = list.filter((one) => one.batch < batch);
          }
          while (versions.forgetSome());
          list = list.filter((one) => one.batch > through);
        }
        if (remove === 'end') {
          versions.removeFrom(through);
          list = list.filter((one) => one.batch < through);
        }
        for (const at of [batch, batch - 1, batch - 3]) {
          assert.equal(versions.countUpTo(at), list.filter((one) => one.batch <= at).length);
          for (const leaf of [0, 1, 2_999, ...leaves.slice(0, 5)]) {
            const found = list.findLast((one) => one.leaf === leaf && one.batch <= at)?.batch;
            assert.equal(versions.find(at, leaf), found);
          }
        }
      }
    },
    { runs: 200 },
  );

  it('are forgotten many at once, while more are noted', () => {
    const versions = new LeafVersions();
    for (let leaf = 0; leaf < 20_000; leaf++) versions.add(1, leaf);
    for (let leaf = 0; leaf < 10_000; leaf++) versions.add(2, leaf);
    versions.beginForgetting(1);
    let steps = 0;
    for (let batch = 3; versions.forgetSome(); batch++, steps++) versions.add(batch, 15_000);
    assert.ok(steps >= 2, String(steps));
    assert.equal(versions.countUpTo(1), 0);
    assert.deepEqual([versions.find(99, 19_999), versions.find(2, 0)], [undefined, 2]);
    assert.equal(versions.find(99, 15_000), 2 + steps);
    assert.equal(versions.find(3, 15_000), 3);
  });
});
