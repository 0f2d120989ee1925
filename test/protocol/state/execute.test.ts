import assert from 'node:assert/strict';
import {
  type ChunkContext,
  digitAt,
  encodeRecord,
  executeChunk,
  FEE_TOKEN_FILLER,
  FIELD_MODULUS,
  hashLeaf,
  NOOP,
  type Operation,
  portableHasher,
  type RollupState,
  requireFeeTokens,
  shardOf,
} from '@quittance/protocol';
import { assertCode } from '../../support/assertions.ts';
import { loadOracle } from '../../support/crypto/oracle.ts';
import { slotCount, worldSeed } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';
import {
  CONTEXT,
  collectFee,
  createState,
  deposit,
  forcedExit,
  INDEX,
  transfer,
  withdraw,
} from '../../support/rollup/scene.ts';
import { portableCrypto, World } from '../../support/rollup/world.ts';

const execute = (state: RollupState, operations: readonly Operation[], context: ChunkContext = CONTEXT) =>
  executeChunk(portableCrypto, state, operations, context);
const snapshot = (state: RollupState) => ({ root: state.root, accounts: [...state.accounts()] });

describe('executeChunk', () => {
  it('changes nothing with noops', () => {
    const state = createState();
    const before = snapshot(state);
    const { trace, effects } = execute(state, [NOOP, NOOP]);
    assert.deepEqual(snapshot(state), before);
    assert.equal(trace.oldRoot, trace.newRoot);
    assert.deepEqual(trace.finalShards, state.shards());
    assert.equal(effects.length, 2);
  });

  it('collects the fees of several transfers', () => {
    const state = createState();
    execute(state, [transfer({ feeFloat: 3 }), transfer({ feeFloat: 4, nonce: 6 }), collectFee()]);
    assert.equal(state.get(INDEX.alice)!.balance, 793n);
    assert.equal(state.get(INDEX.bob)!.balance, 1_207n);
  });

  it('pays two exits of one account in one chunk once', () => {
    const state = createState();
    const second = forcedExit({}, [...forcedExit().words.slice(0, 2), 0n]);
    const { effects } = execute(state, [forcedExit(), second]);
    assert.deepEqual(
      effects.map(({ withdrawal }) => withdrawal?.amount),
      [1_000n, undefined],
    );
    assert.equal(state.get(INDEX.alice)!.balance, 0n);
    assertCode(() => execute(createState(), [forcedExit(), forcedExit()]), 'EXIT_MISMATCH');
  });

  it('does not execute one signed transfer twice, in one chunk or in two', () => {
    const state = createState();
    assertCode(() => execute(state, [transfer(), transfer()]), 'BAD_SIGNATURE');
    execute(state, [transfer()]);
    assertCode(() => execute(state, [transfer()]), 'BAD_SIGNATURE');
    assert.equal(state.get(INDEX.bob)!.balance, 1_100n);
  });

  it('takes all back when the last record is invalid, and says which it was', () => {
    const state = createState();
    const before = snapshot(state);
    const operations = [transfer(), deposit(), withdraw({ nonce: 6 }), transfer()];
    const { data } = assertCode(() => execute(state, operations), 'BAD_SIGNATURE');
    assert.equal(data['slot'], 3);
    assert.deepEqual(snapshot(state), before);
  });

  it('takes all back when fees are left uncollected: FEES_NOT_COLLECTED', () => {
    const state = createState();
    const before = snapshot(state);
    assertCode(() => execute(state, [transfer({ feeFloat: 1 })]), 'FEES_NOT_COLLECTED');
    // Collected too early, or in another token's account, is not collected.
    assertCode(() => execute(state, [collectFee(), transfer({ feeFloat: 1 })]), 'FEES_NOT_COLLECTED');
    assertCode(
      () => execute(state, [transfer({ feeFloat: 1 }), collectFee({ to: INDEX.carol })]),
      'FEES_NOT_COLLECTED',
    );
    assert.deepEqual(snapshot(state), before);
  });

  it('refuses a context that no chunk can have, before it changes anything', () => {
    const state = createState();
    const before = snapshot(state);
    for (const [context, code] of [
      [{ ...CONTEXT, feeTokens: [1n, 0n, 2n, 3n] }, 'FEE_TOKEN_ORDER'],
      [{ ...CONTEXT, batchTime: 2 ** 40 }, 'OUT_OF_RANGE'],
      [{ ...CONTEXT, batchTime: -1 }, 'OUT_OF_RANGE'],
      [{ ...CONTEXT, domain: FIELD_MODULUS }, 'OUT_OF_RANGE'],
    ] as const) {
      assertCode(() => execute(state, [deposit()], context), code);
    }
    assert.deepEqual(snapshot(state), before);
  });
});

describe('fee tokens', () => {
  const F = FEE_TOKEN_FILLER;

  it('are four, strictly ascending, with fillers at the end', () => {
    for (const tokens of [
      [0n, 1n, 2n, 3n],
      [7n, F, F, F],
      [F, F, F, F],
      [0n, F - 1n, F, F],
    ]) {
      assert.deepEqual(requireFeeTokens(tokens), tokens);
    }
  });

  it('are refused otherwise: FEE_TOKEN_ORDER', () => {
    for (const tokens of [
      [],
      [0n, 1n, 2n],
      [0n, 1n, 2n, 3n, 4n],
      [0n, 0n, 1n, 2n],
      [1n, 0n, 2n, 3n],
      [F, 0n, F, F],
      [0n, F, 1n, F],
      [0n, 1n, 2n, F + 1n],
      [-1n, 0n, 1n, 2n],
    ]) {
      assertCode(() => requireFeeTokens(tokens), 'FEE_TOKEN_ORDER', tokens.join());
    }
  });
});

describe('chunk trace', () => {
  it('chains the commitment over record and words, absent words as 0', async () => {
    const { hash } = await loadOracle();
    const operations = [deposit(), transfer(), NOOP];
    const { trace } = execute(createState(), operations);
    let commitment = 0n;
    for (const [slot, { fields, words }] of operations.entries()) {
      assert.equal(trace.slots[slot]!.commitment, commitment);
      commitment = hash([commitment, encodeRecord(fields), words[0] ?? 0n, words[1] ?? 0n, words[2] ?? 0n]);
    }
    assert.equal(trace.commitment, commitment);
  });

  it('changes its commitment with the order of records and with any word', () => {
    const commit = (operations: Operation[]) => execute(createState(), operations).trace.commitment;
    const commitments = [
      commit([deposit(), transfer()]),
      commit([transfer(), deposit()]),
      commit([deposit(), transfer(), NOOP]),
      commit([deposit({}, [...deposit().words.slice(0, 2), 101n]), transfer()]),
    ];
    assert.equal(new Set(commitments).size, 4);
  });

  property(
    'leads from the shards before each slot to those after it by its two accesses',
    [worldSeed(), slotCount()],
    (seed, slotCount) => {
      const world = new World(seed);
      world.randomChunk(10);
      const { trace, effects } = world.randomChunk(slotCount);
      for (const [slot, { from, to, shards, operation }] of trace.slots.entries()) {
        assert.equal(from.index, operation.fields.from);
        assert.equal(to.index, operation.fields.to);
        let current = [...shards];
        for (const [role, { index, account, children }] of [
          ['sender', from],
          ['receiver', to],
        ] as const) {
          const change = effects[slot]!.changes.find((candidate) => candidate.role === role);
          const walk = (leaf: bigint) => {
            let node = leaf;
            for (let level = 8; level >= 0; level -= 1) {
              const level4 = [...children[level]!];
              level4[digitAt(index, level + 3)] = node;
              node = portableHasher.hash(level4);
            }
            return node;
          };
          assert.equal(
            walk(hashLeaf(portableHasher, account)),
            current[shardOf(index)],
            `slot ${slot}, ${role} before`,
          );
          if (change === undefined) continue;
          assert.deepEqual(change.before, account);
          current = current.with(shardOf(index), walk(hashLeaf(portableHasher, change.after)));
        }
        assert.deepEqual(current, trace.slots[slot + 1]?.shards ?? trace.finalShards, `after slot ${slot}`);
      }
    },
    { runs: 3 },
  );
});
