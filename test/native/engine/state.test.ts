import assert from 'node:assert/strict';
import {
  ACCOUNT_BYTES,
  ACCOUNT_ROW_BYTES,
  type Account,
  type AccountChange,
  encodeAccountRows,
  FIELD_MODULUS,
  TREE_CAPACITY,
} from '@quittance/protocol';
import fc from 'fast-check';
import { requireAddon } from '../../../native/addon.ts';
import { call } from '../../../native/call.ts';
import { createNativeEngine } from '../../../native/index.ts';
import { assertCode, assertRejects } from '../../support/assertions.ts';
import { describeNative } from '../../support/native.ts';
import { bits, fieldElement } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';
import { batchOf, OPTIONS, stateContent } from '../../support/rollup/engine-batch.ts';
import { accountOf, CONTEXT, createState, deposit, EMPTY_INDEX, INDEX } from '../../support/rollup/scene.ts';
import { assertSameState, natives, reference } from './engines.ts';

const engine = natives[1]!;
const ACCOUNTS = [...createState().accounts()];

const account = (): fc.Arbitrary<Account> =>
  fc.record(
    {
      keyY: fieldElement(),
      owner: bits(160),
      tokenId: bits(32).map(Number),
      nonce: bits(32).map(Number),
      balance: bits(128),
    },
    { noNullPrototype: true },
  );

/** The ends of the tree, neighbors, and anything. */
const index = (): fc.Arbitrary<number> =>
  fc.oneof(fc.constantFrom(0, TREE_CAPACITY - 1, 2 ** 18, 2 ** 18 - 1), fc.nat(300), fc.nat(TREE_CAPACITY - 1));

const leaf = () => fc.tuple(index(), fc.option(account(), { nil: undefined }));

describeNative('a native state', () => {
  property(
    'is that of the reference after any writes, and after taking them back',
    [fc.array(fc.tuple(index(), account()), { maxLength: 40 }), fc.array(leaf(), { maxLength: 40 }), leaf()],
    (accounts, writes, [one, after]) => {
      const [native, expected] = [engine.createState(accounts), reference.createState(accounts)];
      assertSameState(native, expected);
      const changes: AccountChange[] = [];
      for (const state of [native, expected]) state.writeAll(writes);
      assertSameState(native, expected);
      const before = stateContent(expected);
      for (const [at, content] of [...writes.slice(0, 9), [one, after] as const]) {
        const change = {
          role: 'sender',
          index: at,
          before: expected.get(at),
          after: content && { ...content, nonce: 3 },
        } as const;
        changes.push(change);
        for (const state of [native, expected]) state.write(change);
        assert.deepEqual(native.access(at), expected.access(at));
      }
      assertSameState(native, expected);
      for (const state of [native, expected]) state.undo(changes);
      assertSameState(native, expected);
      assert.deepEqual(stateContent(native), before);
      assertSameState(engine.restore(native.rows(), native.root), expected);
    },
    { runs: 20 },
  );

  it('is empty without accounts', () => {
    assertSameState(engine.createState(), reference.createState());
    assertSameState(engine.restore(new Uint8Array(), reference.createState().root), reference.createState());
  });

  it('has no account where no leaf is', () => {
    const state = engine.createState(ACCOUNTS);
    for (const at of [EMPTY_INDEX, -1, 0.5, Number.NaN, TREE_CAPACITY, 2 ** 32, 2 ** 32 + INDEX.bob]) {
      assert.equal(state.get(at), undefined);
    }
    for (const at of [-1, 0.5, TREE_CAPACITY, 2 ** 32]) assertCode(() => state.path(at), 'OUT_OF_RANGE');
  });

  it('is not reached by indices beyond the tree, whoever calls the addon', () => {
    const state = new (requireAddon().NativeEngine)(1, 2 ** 30).restore(encodeAccountRows(ACCOUNTS));
    const leaf = new Uint8Array(8 + ACCOUNT_BYTES);
    for (const at of [TREE_CAPACITY, 2 ** 32 - 1]) {
      new DataView(leaf.buffer).setUint32(0, at);
      for (const reach of [
        () => state.account(at, new Uint8Array(ACCOUNT_BYTES)),
        () => state.path(at, new Uint8Array(12 * 4 * 32)),
        () => state.rows(at, 1),
        () => state.write(leaf),
      ]) {
        // Said, not found out by a panic.
        const error = assertCode(() => call(reach), 'INVARIANT_BROKEN');
        assert.match(error.message, /beyond the tree|no leaves/);
      }
    }
    assert.equal(state.count, ACCOUNTS.length);
  });

  it('iterates over more accounts than are read at once, while they change', () => {
    const many = Array.from({ length: 3_000 }, (_, at): [number, Account] => [5 * at, accountOf('alice')]);
    const state = engine.createState(many);
    const seen: number[] = [];
    for (const [at] of state.accounts()) {
      if (seen.length === 0) state.write({ index: 5 * 2_999 + 1, after: accountOf('bob') });
      seen.push(at);
    }
    assert.deepEqual(seen, [...many.map(([at]) => at), 5 * 2_999 + 1]);
    assert.equal(state.accountCount, 3_001);
  });

  for (const [name, change] of [
    ['an index beyond the tree', { index: TREE_CAPACITY }],
    ['a fraction of an index', { index: 0.5 }],
    ['r as a key', { account: { keyY: FIELD_MODULUS } }],
    ['an owner of 161 bits', { account: { owner: 2n ** 160n } }],
    ['a token of 33 bits', { account: { tokenId: 2 ** 32 } }],
    ['a negative nonce', { account: { nonce: -1 } }],
    ['a balance of 129 bits', { account: { balance: 2n ** 128n } }],
  ] as const) {
    it(`refuses ${name} and stays as it is`, () => {
      const at = 'index' in change ? change.index : 7;
      const bad: [number, Account] = [at, { ...accountOf('bob'), ...('account' in change ? change.account : {}) }];
      assertCode(() => engine.createState([...ACCOUNTS, bad]), 'OUT_OF_RANGE');
      const state = engine.createState(ACCOUNTS);
      const before = stateContent(state);
      assertCode(() => state.write({ index: bad[0], after: bad[1] }), 'OUT_OF_RANGE');
      assertCode(() => state.writeAll([[8, accountOf('bob')], bad]), 'OUT_OF_RANGE');
      assert.deepEqual(stateContent(state), before);
    });
  }
});

describeNative('rows', () => {
  const rows = encodeAccountRows(ACCOUNTS);
  const { root } = reference.createState(ACCOUNTS);
  const changed = (change: (bytes: Uint8Array) => Uint8Array): Uint8Array => change(Uint8Array.from(rows));

  for (const [name, bytes] of [
    ['torn', changed((bytes) => bytes.subarray(0, -1))],
    [
      'out of order',
      changed((bytes) => Buffer.concat([bytes.subarray(ACCOUNT_ROW_BYTES), bytes.subarray(0, ACCOUNT_ROW_BYTES)])),
    ],
    ['doubled', changed((bytes) => Buffer.concat([bytes.subarray(0, ACCOUNT_ROW_BYTES), bytes]))],
    ['of an index beyond the tree', changed((bytes) => bytes.fill(1, -ACCOUNT_ROW_BYTES, -ACCOUNT_ROW_BYTES + 1))],
    ['of a key that is not below r', changed((bytes) => bytes.fill(255, 4, 36))],
  ] as const) {
    it(`that are ${name} are refused by both engines`, () => {
      for (const each of [reference, engine]) assertCode(() => each.restore(bytes, root), 'SNAPSHOT_DAMAGED');
    });
  }

  it('that give another root are refused by both engines, naming both', () => {
    for (const each of [reference, engine]) {
      const error = assertCode(() => each.restore(rows, root + 1n), 'CLAIM_FALSE');
      assert.deepEqual([error.data.expected, error.data.actual], [root + 1n, root]);
    }
  });
});

describeNative('the memory of a native engine', () => {
  it('is refused with what is needed and what is allowed, before anything changes', async () => {
    const small = createNativeEngine({ threads: 1, maxBytes: 400_000 });
    const state = small.createState(ACCOUNTS.slice(0, 1));
    const before = stateContent(state);
    const far = [1, 2, 3, 4, 5, 6].map((shard): [number, Account] => [shard * 2 ** 18, accountOf('bob')]);
    const execute = () => small.execute(state, batchOf(CONTEXT, Array(64).fill(deposit())), OPTIONS);
    for (const error of [
      await assertRejects(execute(), 'RESOURCES_SHORT'),
      assertCode(() => state.writeAll(far), 'RESOURCES_SHORT'),
      assertCode(() => small.createState(far), 'RESOURCES_SHORT'),
      assertCode(() => small.restore(encodeAccountRows(far), 0n), 'RESOURCES_SHORT'),
    ]) {
      assert.equal(error.data['allowed'], 400_000);
      assert.ok((error.data['needed'] as number) > 400_000);
    }
    assert.deepEqual(stateContent(state), before);
  });

  it('and its threads are numbers in their ranges', () => {
    for (const threads of [0, -1, 1.5, 257, Number.NaN])
      assertCode(() => createNativeEngine({ threads }), 'OUT_OF_RANGE');
    for (const maxBytes of [-1, 0.5, 2 ** 53]) assertCode(() => createNativeEngine({ maxBytes }), 'OUT_OF_RANGE');
    assert.deepEqual(createNativeEngine({ threads: 256 }).createState().accountCount, 0);
  });
});
