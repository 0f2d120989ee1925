import assert from 'node:assert/strict';
import {
  createReferenceEngine,
  type Engine,
  type ExecuteOptions,
  type ExecutionState,
  encodeLeafChanges,
  FIELD_MODULUS,
  type LeafChange,
  NOOP,
  type Operation,
  packTrace,
  RollupState,
} from '@quittance/protocol';
import { assertCode, assertRejects } from '../../support/assertions.ts';
import { slotCount, worldSeed } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';
import { batchOf, idsOf, OPTIONS, refusedIn, stateContent, transferIdOf } from '../../support/rollup/engine-batch.ts';
import { executeChunk } from '../../support/rollup/execute-chunk.ts';
import {
  CONTEXT,
  collectFee,
  createState,
  DOMAIN,
  deposit,
  forcedExit,
  INDEX,
  transfer,
  transferToNew,
  withdraw,
} from '../../support/rollup/scene.ts';
import { portableCrypto, World } from '../../support/rollup/world.ts';

const engine: Engine = createReferenceEngine(portableCrypto);
const { hasher } = portableCrypto;

/** Executes chunks of the scene. */
const execute = (
  state: ExecutionState,
  chunks: readonly (readonly Operation[])[],
  options: Partial<ExecuteOptions> = {},
) => engine.execute(state, batchOf(CONTEXT, ...chunks), { ...OPTIONS, ...options });

const unsignedOf = ({ fields, words }: Operation): Operation => ({ fields, words });
const forged = (operation: Operation): Operation => ({
  ...operation,
  authorization: { ...operation.authorization!, s: operation.authorization!.s + 1n },
});

/** Asserts that a batch is refused in these slots, and leaves nothing behind. */
async function assertRefused(
  state: ExecutionState,
  chunks: readonly (readonly Operation[])[],
  expected: readonly (readonly [chunk: number, slot: number, code: string])[],
  options: Partial<ExecuteOptions> = {},
): Promise<void> {
  const before = stateContent(state);
  for (const traces of [true, false]) {
    const execution = await execute(state, chunks, { ...options, traces });
    assert.deepEqual(refusedIn(execution), expected);
    assert.deepEqual([execution.chunks, execution.changes.count], [[], 0]);
    assert.deepEqual(stateContent(state), before);
  }
}

describe('the reference engine', () => {
  property(
    'executes any batch as the rules do chunk by chunk: traces, roots, commitments, changes and state',
    [worldSeed(), slotCount()],
    async (seed, slots) => {
      const world = new World(seed);
      for (const index of [undefined, undefined, 2 ** 18, 2 ** 24 - 1]) world.fund(0, 10n ** 20n, index);
      world.randomChunk(6);
      const before = new RollupState(hasher, world.state.accounts());
      const chunks = [world.randomChunk(slots), world.randomChunk(slots)];
      const expected = chunks.map(({ trace }) => packTrace(hasher, trace));
      const batch = batchOf(world.context, ...chunks.map(({ trace }) => trace.slots.map(({ operation }) => operation)));
      const written = new Set(
        chunks.flatMap(({ effects }) => effects.flatMap(({ changes }) => changes)).map(({ index }) => index),
      );
      const changes: LeafChange[] = [...written].map((index) => ({
        index,
        before: before.get(index),
        after: world.state.get(index),
      }));
      for (const [traces, commitments] of [
        [true, true],
        [true, false],
        [false, true],
        [false, false],
      ] as const) {
        const state = engine.createState(before.accounts());
        const execution = await engine.execute(state, batch, { ...OPTIONS, traces, commitments });
        assert.deepEqual(execution.refusals, []);
        assert.deepEqual(
          execution.chunks,
          expected.map((trace) => ({
            oldRoot: trace.oldRoot,
            newRoot: trace.newRoot,
            commitment: traces || commitments ? trace.commitment : undefined,
            trace: traces ? trace : undefined,
          })),
        );
        assert.deepEqual(execution.changes.bytes, encodeLeafChanges(changes));
        assert.deepEqual(stateContent(state), stateContent(world.state));
        assert.deepEqual([...state.accounts()], [...world.state.accounts()]);
      }
    },
    { runs: 4 },
  );

  it('executes an empty batch, and chunks of no slots, to the root before', async () => {
    const state = createState();
    const before = stateContent(state);
    assert.deepEqual((await execute(state, [])).chunks, []);
    const { chunks } = await execute(state, [[], []]);
    assert.deepEqual(
      chunks.map(({ oldRoot, newRoot, commitment }) => [oldRoot, newRoot, commitment]),
      Array.from({ length: 2 }, () => [before.root, before.root, 0n]),
    );
    assert.deepEqual(stateContent(state), before);
  });

  it('lists a leaf that two chunks write once, as it was before both', async () => {
    const state = createState();
    const { changes } = await execute(state, [[deposit()], [deposit()]]);
    const before = createState().get(INDEX.bob);
    assert.deepEqual([...changes], [{ index: INDEX.bob, before, after: state.get(INDEX.bob) }]);
  });
});

describe('signatures that an engine believes', () => {
  const signatures = 'believed';

  it('may be false or missing', async () => {
    const state = createState();
    const chunk = [forged(transfer()), unsignedOf(withdraw()), unsignedOf(transferToNew())];
    const { refusals, chunks } = await execute(state, [chunk], { signatures });
    assert.deepEqual(refusals, []);
    // The trace says what was executed, not what stood in for it.
    const twice = await execute(createState(), [chunk], { signatures });
    assert.deepEqual(twice.chunks, chunks);
    assert.equal(chunks[0]!.trace!.bytes[2_048 + 3_168 + 16], 0);
  });

  it('expire, unless they are missing', async () => {
    const late = transfer({ validUntil: CONTEXT.batchTime - 1 });
    await assertRefused(createState(), [[late]], [[0, 0, 'EXPIRED']], { signatures });
    assert.deepEqual((await execute(createState(), [[unsignedOf(late)]], { signatures })).refusals, []);
  });

  it('stand for no other rule', async () => {
    await assertRefused(createState(), [[transfer({ amountFloat: 1_001n })]], [[0, 0, 'INSUFFICIENT_BALANCE']], {
      signatures,
    });
  });
});

describe('signatures that an engine verifies', () => {
  it('are those over the message in the state of their turn', async () => {
    assert.deepEqual((await execute(createState(), [[transfer(), transfer({ nonce: 6 })]])).refusals, []);
    await assertRefused(createState(), [[transfer(), transfer()]], [[0, 1, 'BAD_SIGNATURE']]);
    await assertRefused(createState(), [[forged(transfer())]], [[0, 0, 'BAD_SIGNATURE']]);
    await assertRefused(createState(), [[unsignedOf(transfer())]], [[0, 0, 'BAD_SIGNATURE']]);
  });
});

describe('signatures that an engine takes for checked', () => {
  const pay = transfer();
  const id = transferIdOf(createState(), DOMAIN, pay);

  it('are those over the ids, slot by slot over all chunks', async () => {
    const state = createState();
    const chunks = [
      [deposit(), NOOP],
      [NOOP, forged(pay)],
    ];
    const ids = idsOf([0n, 0n, 0n, id]);
    assert.deepEqual((await execute(state, chunks, { signatures: { ids } })).refusals, []);
    assert.equal(state.get(INDEX.alice)!.nonce, 6);
  });

  it('are refused for another id, another place, another state, or without an authorization', async () => {
    for (const [chunk, ids, slot] of [
      [[pay], [id + 1n], 0],
      [[pay], [0n], 0],
      [[pay], [FIELD_MODULUS + id], 0],
      [[NOOP, pay], [id, 0n], 1],
      [[pay, pay], [id, id], 1],
      [[unsignedOf(pay)], [id], 0],
    ] as const) {
      const options = { signatures: { ids: idsOf(ids) } };
      await assertRefused(createState(), [chunk], [[0, slot, 'BAD_SIGNATURE']], options);
    }
  });

  it('need an id for each slot: WRONG_LENGTH', async () => {
    for (const ids of [[], [id], [id, 0n, 0n]]) {
      const promise = execute(createState(), [[pay, NOOP]], { signatures: { ids: idsOf(ids) } });
      const { data } = await assertRejects(promise, 'WRONG_LENGTH');
      assert.deepEqual([data.name, data.expected, data.actual], ['ids', 64, 32 * ids.length]);
    }
  });
});

describe('a batch that an engine refuses', () => {
  const broke = transfer({ signer: 'dave' }, 'carol');

  it('names the first slot that breaks a rule, with its values, and changes nothing', async () => {
    await assertRefused(createState(), [[deposit()], [transfer(), broke, broke]], [[1, 1, 'TOKEN_MISMATCH']]);
    const { refusals } = await execute(createState(), [[transfer({ amountFloat: 1_001n })]]);
    assert.deepEqual(refusals, [
      {
        chunk: 0,
        slot: 0,
        code: 'INSUFFICIENT_BALANCE',
        message: 'costs 1001, the balance is 1000',
        expected: '1001',
        actual: '1000',
      },
    ]);
  });

  it('names all slots that do, where they are passed over: the others are executed as if those were not there', async () => {
    const chunks = [
      [broke, transfer(), transfer()],
      [transfer({ nonce: 6, feeFloat: 1 }), broke, collectFee()],
      [NOOP, { ...NOOP, fields: { ...NOOP.fields, kind: 8 } }],
    ];
    await assertRefused(
      createState(),
      chunks,
      [
        [0, 0, 'TOKEN_MISMATCH'],
        [0, 2, 'BAD_SIGNATURE'],
        [1, 1, 'TOKEN_MISMATCH'],
        [2, 1, 'RESERVED_KIND'],
      ],
      { onInvalid: 'skip' },
    );
    const valid = chunks.map((chunk, index) => chunk.filter((_, slot) => ![[0, 2], [1], [1]][index]!.includes(slot)));
    assert.deepEqual((await execute(createState(), valid, { onInvalid: 'skip' })).refusals, []);
  });

  it('leaves fees uncollected in the last slot of a chunk, even one that is refused itself', async () => {
    const paid = transfer({ feeFloat: 1 });
    await assertRefused(createState(), [[NOOP], [paid, NOOP]], [[1, 1, 'FEES_NOT_COLLECTED']]);
    const { refusals } = await execute(createState(), [[paid]]);
    assert.deepEqual([refusals[0]!.expected, refusals[0]!.actual], ['0,0,0,0', '1,0,0,0']);
    const elsewhere = collectFee({ to: INDEX.dave });
    await assertRefused(
      createState(),
      [
        [paid, elsewhere],
        [deposit(), transfer()],
      ],
      [
        [0, 1, 'NOT_FEE_TOKEN'],
        [0, 1, 'FEES_NOT_COLLECTED'],
        [1, 1, 'BAD_SIGNATURE'],
      ],
      { onInvalid: 'skip' },
    );
    await assertRefused(createState(), [[paid], [transfer()]], [[0, 0, 'FEES_NOT_COLLECTED']]);
  });

  it('is no batch at all when its bytes or its context cannot be', async () => {
    const state = createState();
    const before = stateContent(state);
    const batch = batchOf(CONTEXT, [deposit()], [transfer()]);
    const chunk = batch.chunks[1]!;
    const odd = Uint8Array.from(chunk.operations);
    odd[22] = 1;
    for (const [changed, code] of [
      [{ chunks: [batch.chunks[0]!, { ...chunk, operations: chunk.operations.subarray(1) }] }, 'WRONG_LENGTH'],
      [{ chunks: [batch.chunks[0]!, { ...chunk, operations: odd }] }, 'OUT_OF_RANGE'],
      [{ chunks: [batch.chunks[0]!, { ...chunk, feeTokens: [1n, 0n, 2n, 3n] }] }, 'FEE_TOKEN_ORDER'],
      [{ domain: FIELD_MODULUS }, 'OUT_OF_RANGE'],
      [{ batchTime: 2 ** 40 }, 'OUT_OF_RANGE'],
    ] as const) {
      await assertRejects(engine.execute(state, { ...batch, ...changed }, OPTIONS), code);
      assert.deepEqual(stateContent(state), before);
    }
    // Nothing is left locked.
    assert.deepEqual((await engine.execute(state, batch, OPTIONS)).refusals, []);
  });
});

describe('a state while a batch is executed on it', () => {
  /** An engine that tells when it pauses, and what it does then. */
  const pausing = (onPause: () => void) =>
    createReferenceEngine(portableCrypto, async () => {
      onPause();
    });
  const batch = batchOf(CONTEXT, [transfer(), forcedExit({}, [0n, forcedExit().words[1]!, 900n])], [deposit(), NOOP]);

  it('is that before it, until the end', async () => {
    for (const traces of [true, false]) {
      const state = createState();
      const before = stateContent(state);
      let pauses = 0;
      const slow = pausing(() => {
        pauses += 1;
        assert.deepEqual(stateContent(state), before);
      });
      const { chunks } = await slow.execute(state, batch, { ...OPTIONS, traces });
      assert.equal(state.root, chunks[1]!.newRoot);
      assert.notEqual(state.root, before.root);
      assert.ok(pauses > 4, `${pauses} pauses`);
    }
  });

  it('takes no second batch: INVARIANT_BROKEN, and the first one goes on', async () => {
    const state = createState();
    const first = engine.execute(state, batch, OPTIONS);
    await assertRejects(engine.execute(state, batch, OPTIONS), 'INVARIANT_BROKEN');
    const { chunks } = await first;
    assert.equal(state.root, chunks[1]!.newRoot);
  });

  it('must not be changed by others: INVARIANT_BROKEN, and their change stays', async () => {
    const state = createState();
    const after = { ...state.get(INDEX.bob)!, balance: 7n };
    const slow = pausing(() => state.write({ index: INDEX.bob, after }));
    await assertRejects(slow.execute(state, batch, OPTIONS), 'INVARIANT_BROKEN');
    assert.deepEqual(stateContent(state), stateContent(createState({ bob: { balance: 7n } })));
  });

  it('must be one that the engine made: INVARIANT_BROKEN', async () => {
    const foreign: ExecutionState = Object.create(createState());
    Object.setPrototypeOf(foreign, null);
    await assertRejects(engine.execute(foreign, batch, OPTIONS), 'INVARIANT_BROKEN');
  });
});

describe('the states of the reference engine', () => {
  const state = createState();

  it('are made of accounts, or of rows', () => {
    assert.deepEqual(stateContent(engine.createState()), stateContent(new RollupState(hasher)));
    assert.deepEqual(stateContent(engine.createState(state.accounts())), stateContent(state));
    assert.deepEqual(stateContent(engine.restore(state.rows(), state.root)), stateContent(state));
    assertCode(() => engine.createState([[2 ** 24, state.get(INDEX.bob)!]]), 'OUT_OF_RANGE');
  });

  it('are not made of rows that are damaged, or have another root', () => {
    const rows = state.rows();
    assertCode(() => engine.restore(rows.subarray(1), state.root), 'SNAPSHOT_DAMAGED');
    assertCode(
      () => engine.restore(Uint8Array.from([...rows, ...rows.subarray(0, 80)]), state.root),
      'SNAPSHOT_DAMAGED',
    );
    const { data } = assertCode(() => engine.restore(rows.subarray(80), state.root), 'CLAIM_FALSE');
    assert.equal(data.expected, state.root);
  });
});

describe('the judge of a slot', () => {
  it('is the rules of records, in a chunk that has the slot first', async () => {
    for (const operation of [transfer(), withdraw({ nonce: 4 }), forcedExit(), forcedExit({}, [0n, 1n, 1n])]) {
      let code = 'valid';
      try {
        executeChunk(portableCrypto, createState(), [operation], CONTEXT);
      } catch (error) {
        code = (error as { code: string }).code;
      }
      const { refusals } = await execute(createState(), [[operation]]);
      assert.equal(refusals[0]?.code ?? 'valid', code);
    }
  });
});
