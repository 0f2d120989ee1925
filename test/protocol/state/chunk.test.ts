import assert from 'node:assert/strict';
import {
  type ChunkTrace,
  createReferenceEngine,
  digitAt,
  type ExecutionState,
  encodeRecord,
  FEE_TOKEN_FILLER,
  hashLeaf,
  NOOP,
  type Operation,
  portableHasher,
  requireFeeTokens,
  shardOf,
  unpackTrace,
} from '@quittance/protocol';
import { assertCode } from '../../support/assertions.ts';
import { loadOracle } from '../../support/crypto/oracle.ts';
import { slotCount, worldSeed } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';
import { batchOf, OPTIONS, refusedIn, stateContent } from '../../support/rollup/engine-batch.ts';
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

const engine = createReferenceEngine(portableCrypto);

/** Executes a chunk. @returns its trace, or where and how it was refused. */
async function execute(state: ExecutionState, operations: readonly Operation[]) {
  const execution = await engine.execute(state, batchOf(CONTEXT, operations), OPTIONS);
  const [refused] = refusedIn(execution);
  return refused ?? unpackTrace(execution.chunks[0]!.trace!);
}

async function traceOf(state: ExecutionState, operations: readonly Operation[]): Promise<ChunkTrace> {
  const trace = await execute(state, operations);
  assert.ok('slots' in trace, String(trace));
  return trace;
}

describe('a chunk', () => {
  it('changes nothing with noops', async () => {
    const state = createState();
    const before = stateContent(state);
    const trace = await traceOf(state, [NOOP, NOOP]);
    assert.deepEqual(stateContent(state), before);
    assert.equal(trace.oldRoot, trace.newRoot);
    assert.deepEqual(trace.finalShards, state.shards());
    assert.equal(trace.slots.length, 2);
  });

  it('collects the fees of several transfers', async () => {
    const state = createState();
    await traceOf(state, [transfer({ feeFloat: 3 }), transfer({ feeFloat: 4, nonce: 6 }), collectFee()]);
    assert.equal(state.get(INDEX.alice)!.balance, 793n);
    assert.equal(state.get(INDEX.bob)!.balance, 1_207n);
  });

  it('pays two exits of one account in one chunk once', async () => {
    const state = createState();
    const second = forcedExit({}, [...forcedExit().words.slice(0, 2), 0n]);
    const { slots } = await traceOf(state, [forcedExit(), second]);
    assert.deepEqual(
      slots.map(({ from }) => from.account?.balance),
      [1_000n, 0n],
    );
    assert.equal(state.get(INDEX.alice)!.balance, 0n);
    assert.deepEqual(await execute(createState(), [forcedExit(), forcedExit()]), [0, 1, 'EXIT_MISMATCH']);
  });

  it('does not execute one signed transfer twice, in one chunk or in two', async () => {
    const state = createState();
    assert.deepEqual(await execute(state, [transfer(), transfer()]), [0, 1, 'BAD_SIGNATURE']);
    await traceOf(state, [transfer()]);
    assert.deepEqual(await execute(state, [transfer()]), [0, 0, 'BAD_SIGNATURE']);
    assert.equal(state.get(INDEX.bob)!.balance, 1_100n);
  });

  it('takes all back when the last record is invalid, and says which it was', async () => {
    const state = createState();
    const before = stateContent(state);
    const operations = [transfer(), deposit(), withdraw({ nonce: 6 }), transfer()];
    assert.deepEqual(await execute(state, operations), [0, 3, 'BAD_SIGNATURE']);
    assert.deepEqual(stateContent(state), before);
  });

  it('takes all back when fees are left uncollected: FEES_NOT_COLLECTED', async () => {
    const state = createState();
    const before = stateContent(state);
    assert.deepEqual(await execute(state, [transfer({ feeFloat: 1 })]), [0, 0, 'FEES_NOT_COLLECTED']);
    // Collected too early, or in another token's account, is not collected.
    for (const operations of [
      [collectFee(), transfer({ feeFloat: 1 })],
      [transfer({ feeFloat: 1 }), collectFee({ to: INDEX.carol })],
    ]) {
      assert.deepEqual(await execute(state, operations), [0, 1, 'FEES_NOT_COLLECTED']);
    }
    assert.deepEqual(stateContent(state), before);
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
    const trace = await traceOf(createState(), operations);
    let commitment = 0n;
    for (const [slot, { fields, words }] of operations.entries()) {
      assert.equal(trace.slots[slot]!.commitment, commitment);
      commitment = hash([commitment, encodeRecord(fields), words[0] ?? 0n, words[1] ?? 0n, words[2] ?? 0n]);
    }
    assert.equal(trace.commitment, commitment);
  });

  it('changes its commitment with the order of records and with any word', async () => {
    const commit = async (operations: Operation[]) => (await traceOf(createState(), operations)).commitment;
    const commitments = await Promise.all([
      commit([deposit(), transfer()]),
      commit([transfer(), deposit()]),
      commit([deposit(), transfer(), NOOP]),
      commit([deposit({}, [...deposit().words.slice(0, 2), 101n]), transfer()]),
    ]);
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
