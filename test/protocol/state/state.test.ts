import assert from 'node:assert/strict';
import {
  type Account,
  type AccountChange,
  type Hasher,
  hashLeaf,
  portableHasher,
  RollupState,
  rootFromPath,
  StateOverlay,
} from '@quittance/protocol';
import { assertCode } from '../../support/assertions.ts';
import { accountOf, createState, EMPTY_INDEX, INDEX } from '../../support/rollup/scene.ts';

const snapshot = (state: RollupState) => ({ root: state.root, accounts: [...state.accounts()] });

describe('RollupState', () => {
  it('is the same whether built at once or write by write', () => {
    const state = createState();
    const written = new RollupState(portableHasher);
    for (const [index, account] of [...state.accounts()].reverse()) written.write({ index, after: account });
    assert.equal(written.root, state.root);
    assert.equal(written.accountCount, 4);
    assert.deepEqual(written.get(INDEX.bob), accountOf('bob'));
    assert.equal(written.get(EMPTY_INDEX), undefined);
  });

  it('proves each account and each empty leaf', () => {
    const state = createState();
    for (const index of [...Object.values(INDEX), EMPTY_INDEX]) {
      const leaf = hashLeaf(portableHasher, state.get(index));
      assert.equal(rootFromPath(portableHasher, index, leaf, state.path(index)), state.root);
    }
  });

  it('takes changes back, the last one first', () => {
    const state = createState();
    const before = snapshot(state);
    const alice = accountOf('alice');
    const changes: AccountChange[] = [
      { role: 'sender', index: INDEX.alice, before: alice, after: { ...alice, balance: 1n } },
      { role: 'receiver', index: EMPTY_INDEX, before: undefined, after: alice },
      { role: 'sender', index: INDEX.alice, before: { ...alice, balance: 1n }, after: { ...alice, balance: 2n } },
    ];
    for (const change of changes) state.write(change);
    assert.notEqual(state.root, before.root);
    state.undo(changes);
    assert.deepEqual(snapshot(state), before);
  });

  it('refuses an account or index out of range and stays as it was', () => {
    const state = createState();
    const before = snapshot(state);
    const alice = accountOf('alice');
    for (const [index, after] of [
      [INDEX.alice, { ...alice, balance: 2n ** 128n }],
      [INDEX.alice, { ...alice, balance: -1n }],
      [INDEX.alice, { ...alice, nonce: 2 ** 32 }],
      [4 ** 12, alice],
      [-1, alice],
    ] as const) {
      assertCode(() => state.write({ index, after }), 'OUT_OF_RANGE');
      assert.deepEqual(snapshot(state), before);
    }
    assertCode(() => new RollupState(portableHasher, [[4 ** 12, alice]]), 'OUT_OF_RANGE');
  });

  it('makes many changes as one by one, the last one of an index counting', () => {
    const [one, many] = [createState(), createState()];
    const alice = accountOf('alice');
    const changes: [number, Account | undefined][] = [
      [INDEX.alice, { ...alice, balance: 1n }],
      [EMPTY_INDEX, alice],
      [INDEX.carol, undefined],
      [INDEX.alice, { ...alice, balance: 2n }],
      [4 ** 12 - 1, alice],
    ];
    for (const [index, after] of changes) one.write({ index, after });
    many.writeAll(changes);
    assert.deepEqual(snapshot(many), snapshot(one));
    assert.deepEqual(many.get(INDEX.alice), { ...alice, balance: 2n });
    assert.equal(many.get(INDEX.carol), undefined);
  });

  it('makes none of many changes when one is out of range', () => {
    const state = createState();
    const before = snapshot(state);
    const alice = accountOf('alice');
    for (const bad of [
      [EMPTY_INDEX, { ...alice, balance: 2n ** 128n }],
      [4 ** 12, alice],
    ] as const) {
      assertCode(() => state.writeAll([[INDEX.alice, { ...alice, balance: 1n }], bad]), 'OUT_OF_RANGE');
      assert.deepEqual(snapshot(state), before);
    }
  });

  it('asks a hasher that takes many for groups of bounded number and gets the same tree', () => {
    const sizes: number[] = [];
    const hasher: Hasher = {
      hash: () => 0n,
      hashMany(groups) {
        sizes.push(groups.length);
        // A cheap stand-in for the hash: only who asks for what counts here.
        return groups.map((group) => group.reduce((sum, input) => (sum * 31n + input) % 1_000_003n, 7n));
      },
    };
    const plain: Hasher = { hash: (inputs) => hasher.hashMany!([inputs])[0]! };
    const accounts = Array.from({ length: 5_000 }, (_, i) => [i * 3_001, { ...accountOf('alice'), nonce: i }] as const);
    const expected = new RollupState(plain, accounts).root;
    sizes.length = 0;
    const state = new RollupState({ ...hasher, hash: plain.hash }, accounts);
    assert.equal(state.root, expected);
    assert.equal(Math.max(...sizes), 4096);
    // The leaves, in two calls.
    assert.deepEqual(sizes.filter((size) => size > 1).slice(0, 2), [4096, 5_000 - 4096]);
  });
});

describe('StateOverlay', () => {
  it('shows what was written on top and leaves the state below as it is', () => {
    const state = createState();
    const before = snapshot(state);
    const overlay = new StateOverlay(state);
    assert.deepEqual(overlay.get(INDEX.alice), accountOf('alice'));
    overlay.write({ index: INDEX.alice, after: accountOf('bob') });
    overlay.write({ index: EMPTY_INDEX, after: accountOf('bob') });
    overlay.write({ index: INDEX.carol, after: undefined });
    assert.deepEqual(overlay.get(INDEX.alice), accountOf('bob'));
    assert.deepEqual(overlay.get(EMPTY_INDEX), accountOf('bob'));
    assert.equal(overlay.get(INDEX.carol), undefined);
    assert.deepEqual(overlay.get(INDEX.dave), accountOf('dave'));
    assert.deepEqual(snapshot(state), before);
    state.writeAll(overlay.written());
    assert.deepEqual(state.get(EMPTY_INDEX), accountOf('bob'));
    assert.equal(state.get(INDEX.carol), undefined);
  });
});
