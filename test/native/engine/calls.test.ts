import assert from 'node:assert/strict';
import {
  type EngineBatch,
  type ExecuteOptions,
  FEE_TOKEN_FILLER,
  FIELD_MODULUS,
  OPERATION_BYTES,
} from '@quittance/protocol';
import fc from 'fast-check';
import { createNativeEngine } from '../../../native/index.ts';
import { assertCode, assertRejects } from '../../support/assertions.ts';
import { describeNative } from '../../support/native.ts';
import { property } from '../../support/property/property.ts';
import { batchOf, OPTIONS, stateContent } from '../../support/rollup/engine-batch.ts';
import { accountOf, CONTEXT, createState, deposit, transfer, withdraw } from '../../support/rollup/scene.ts';
import { executeOnAll, natives, reference } from './engines.ts';

const engine = natives[1]!;
const ACCOUNTS = [...createState().accounts()];
const BATCH = batchOf(CONTEXT, [deposit(), transfer(), withdraw({ nonce: 6 })]);
const [CHUNK] = BATCH.chunks;

describeNative('calls of both engines', () => {
  const withBytes = (change: (bytes: Uint8Array) => void): EngineBatch => {
    const operations = Uint8Array.from(CHUNK!.operations);
    change(operations);
    return { ...BATCH, chunks: [{ ...CHUNK!, operations }] };
  };
  const withFeeTokens = (...feeTokens: bigint[]): EngineBatch => ({ ...BATCH, chunks: [{ ...CHUNK!, feeTokens }] });

  for (const [name, batch, code, options] of [
    [
      'half an operation',
      { ...BATCH, chunks: [{ ...CHUNK!, operations: CHUNK!.operations.subarray(1) }] },
      'WRONG_LENGTH',
    ],
    ['a record of 125 bits', withBytes((bytes) => bytes.fill(0x10, 15, 16)), 'OUT_OF_RANGE'],
    ['an operation that is half authorized', withBytes((bytes) => bytes.fill(2, 16, 17)), 'OUT_OF_RANGE'],
    ['an authorization that is not there', withBytes((bytes) => bytes.fill(1, 255, 256)), 'OUT_OF_RANGE'],
    [
      'words of a kind without',
      withBytes((bytes) => bytes.fill(1, OPERATION_BYTES + 32, OPERATION_BYTES + 33)),
      'OUT_OF_RANGE',
    ],
    ['bytes that mean nothing', withBytes((bytes) => bytes.fill(1, 22, 23)), 'OUT_OF_RANGE'],
    ['r as the domain', { ...BATCH, domain: FIELD_MODULUS }, 'OUT_OF_RANGE'],
    ['a time of 41 bits', { ...BATCH, batchTime: 2 ** 40 }, 'OUT_OF_RANGE'],
    ['three fee tokens', withFeeTokens(0n, 1n, 2n), 'FEE_TOKEN_ORDER'],
    ['fee tokens out of order', withFeeTokens(0n, FEE_TOKEN_FILLER, 2n, 3n), 'FEE_TOKEN_ORDER'],
    ['an id too few', BATCH, 'WRONG_LENGTH', { signatures: { ids: new Uint8Array(64) } }],
  ] as readonly (readonly [string, EngineBatch, 'OUT_OF_RANGE', Partial<ExecuteOptions>?])[]) {
    it(`refuse ${name} and leave the state as it is`, async () => {
      for (const each of [reference, engine]) {
        const state = each.createState(ACCOUNTS);
        const before = stateContent(state);
        await assertRejects(each.execute(state, batch, { ...OPTIONS, ...options }), code);
        assert.deepEqual(stateContent(state), before);
        // Nothing holds the state.
        assert.deepEqual((await each.execute(state, BATCH, OPTIONS)).refusals, []);
      }
    });
  }

  property(
    'take the same bytes for operations',
    [fc.nat(CHUNK!.operations.length - 1), fc.nat(255), fc.constantFrom('stop', 'skip')],
    async (at, value, onInvalid) => {
      const batch = withBytes((bytes) => bytes.fill(value, at, at + 1));
      const options = { ...OPTIONS, onInvalid } as const;
      const refused = await reference.execute(reference.createState(ACCOUNTS), batch, options).then(
        () => undefined,
        (error: { code: string }) => error.code,
      );
      if (refused === undefined) await executeOnAll(ACCOUNTS, batch, options);
      else await assertRejects(engine.execute(engine.createState(ACCOUNTS), batch, options), refused as 'OUT_OF_RANGE');
    },
    { runs: 200 },
  );
});

describeNative('an execution of a native engine', () => {
  it('wants a state of its own', async () => {
    const other = createNativeEngine({ threads: 1 });
    for (const state of [other.createState(ACCOUNTS), reference.createState(ACCOUNTS)]) {
      await assertRejects(engine.execute(state, BATCH, OPTIONS), 'INVARIANT_BROKEN');
    }
  });

  it('is alone on its state: whoever else would change it is refused', async () => {
    const state = engine.createState(ACCOUNTS);
    const running = engine.execute(state, BATCH, OPTIONS);
    assertCode(() => state.write({ index: 7, after: accountOf('bob') }), 'INVARIANT_BROKEN');
    assertCode(() => state.undo([]), 'INVARIANT_BROKEN');
    await assertRejects(engine.execute(state, BATCH, OPTIONS), 'INVARIANT_BROKEN');
    await running;
    state.write({ index: 7, after: accountOf('bob') });
    assert.deepEqual(state.get(7), accountOf('bob'));
  });

  it('shows nothing to code that runs without a break, however long', async () => {
    const state = engine.createState(ACCOUNTS);
    const before = stateContent(state);
    const running = engine.execute(state, BATCH, OPTIONS);
    // Many times as long as the threads need for the batch.
    for (let round = 0; round < 100_000; round += 1) assert.equal(state.root, before.root);
    assert.deepEqual(stateContent(state), before);
    const { chunks } = await running;
    assert.equal(state.root, chunks[0]!.newRoot);
  });

  it('does not see what its caller writes to the bytes meanwhile', async () => {
    const expected = await engine.execute(engine.createState(ACCOUNTS), BATCH, OPTIONS);
    const operations = Uint8Array.from(CHUNK!.operations);
    const ids = new Uint8Array(96);
    const running = engine.execute(
      engine.createState(ACCOUNTS),
      { ...BATCH, chunks: [{ ...CHUNK!, operations }] },
      OPTIONS,
    );
    const refused = engine.execute(engine.createState(ACCOUNTS), BATCH, { ...OPTIONS, signatures: { ids } });
    operations.fill(255);
    assert.deepEqual((await running).chunks, expected.chunks);
    ids.fill(1);
    assert.equal((await refused).refusals[0]!.code, 'BAD_SIGNATURE');
  });

  it('executes on several states at once', async () => {
    const states = Array.from({ length: 6 }, () => engine.createState(ACCOUNTS));
    const roots = await Promise.all(
      states.map(async (state) => (await engine.execute(state, BATCH, OPTIONS)).chunks[0]!.newRoot),
    );
    assert.equal(new Set([...roots, ...states.map((state) => state.root)]).size, 1);
  });
});
