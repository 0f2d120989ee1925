import assert from 'node:assert/strict';
import { encodeAccountRows, isRollupError } from '@quittance/protocol';
import { engineOf } from '../../../native/engine.ts';
import { assertCode, assertRejects } from '../../support/assertions.ts';
import { failingAddon, type Interference, panicked } from '../../support/engine/failing-addon.ts';
import { describeNative } from '../../support/native.ts';
import { batchOf, OPTIONS, refusedIn, stateContent } from '../../support/rollup/engine-batch.ts';
import { accountOf, CONTEXT, createState, deposit, transfer } from '../../support/rollup/scene.ts';

const ACCOUNTS = [...createState().accounts()];
const BATCH = batchOf(CONTEXT, [deposit()]);
/** More than Alice has. */
const UNPAID = batchOf(CONTEXT, [transfer({ amountFloat: 2_000n })]);
/** Nobody collects the fee. */
const UNCOLLECTED = batchOf(CONTEXT, [transfer({ feeFloat: 1 })]);
/** Alice with enough. */
const RICH = encodeAccountRows([[0, { ...accountOf('alice'), balance: 2_000n }]]).subarray(4);

describeNative('a native engine that breaks down', () => {
  const scene = (interfere: Interference) => {
    let attempts = 0;
    const engine = engineOf(
      failingAddon((execute, attempt) => {
        attempts = attempt + 1;
        return interfere(execute, attempt);
      }),
    );
    const state = engine.createState(ACCOUNTS);
    return { engine, state, before: stateContent(state), attemptCount: () => attempts };
  };

  it('executes a batch again when its code panicked once', async () => {
    const expected = scene((execute) => execute());
    const { chunks } = await expected.engine.execute(expected.state, BATCH, OPTIONS);
    const { engine, state, attemptCount } = scene((execute, attempt) =>
      attempt === 0 ? Promise.reject(panicked()) : execute(),
    );
    assert.deepEqual((await engine.execute(state, BATCH, OPTIONS)).chunks, chunks);
    assert.deepEqual(stateContent(state), stateContent(expected.state));
    assert.equal(attemptCount(), 2);
  });

  it('fails with INVARIANT_BROKEN when it panics again, with the state as before and ready for others', async () => {
    const { engine, state, before, attemptCount } = scene((execute, attempt) =>
      attempt < 2 ? Promise.reject(panicked()) : execute(),
    );
    const error = await assertRejects(engine.execute(state, BATCH, OPTIONS), 'INVARIANT_BROKEN');
    assert.match(error.message, /panicked/);
    assert.equal(attemptCount(), 2);
    assert.deepEqual(stateContent(state), before);
    assert.deepEqual((await engine.execute(state, BATCH, OPTIONS)).refusals, []);
  });

  for (const attempts of [1, 2]) {
    it(`never executes a batch on what it led to itself: attempt ${attempts} fails with the state changed`, async () => {
      const { engine, state, before, attemptCount } = scene(async (execute, attempt) => {
        if (attempt === attempts - 1) await execute();
        throw panicked();
      });
      const error = await assertRejects(engine.execute(state, BATCH, OPTIONS), 'INVARIANT_BROKEN');
      assert.match(error.message, /left another state behind/);
      assert.deepEqual([error.data['expected'], error.data['actual']], [before.root, state.root]);
      assert.notEqual(state.root, before.root);
      assert.ok(isRollupError(error.cause, 'INVARIANT_BROKEN'));
      assert.equal(attemptCount(), attempts);
    });
  }

  it('lets others run while it says what is wrong with many slots, but not change the state', async () => {
    let turns = 0;
    const { engine, state, before } = scene(async (execute) => {
      const execution = await execute();
      // From now on only this thread works for the batch.
      const others = (): void => {
        if (isDone) return;
        turns += 1;
        assertCode(() => state.write({ index: 7, after: accountOf('bob') }), 'INVARIANT_BROKEN');
        setImmediate(others);
      };
      let isDone = false;
      void running.finally(() => {
        isDone = true;
      });
      setImmediate(others);
      return execution;
    });
    const many = batchOf(CONTEXT, Array(100).fill(transfer({ amountFloat: 2_000n })));
    const running = engine.execute(state, many, { ...OPTIONS, onInvalid: 'skip' });
    assert.equal((await running).refusals.length, 100);
    assert.ok(turns >= 5, `${turns} turns`);
    assert.deepEqual(stateContent(state), before);
  });

  it('does not try again what memory does not suffice for', async () => {
    const short = new Error('RESOURCES_SHORT\nthe state needs 2 bytes, 1 are allowed\n{"needed":2,"allowed":1}');
    const { engine, state, attemptCount } = scene(() => Promise.reject(short));
    const error = await assertRejects(engine.execute(state, BATCH, OPTIONS), 'RESOURCES_SHORT');
    assert.deepEqual([error.data['needed'], error.data['allowed'], attemptCount()], [2, 1, 1]);
  });

  for (const [title, batch, change, native, reference] of [
    ['accepts', UNPAID, { sender: RICH }, 'INSUFFICIENT_BALANCE', 'valid'],
    ['refuses for another reason', UNPAID, { sender: null }, 'INSUFFICIENT_BALANCE', 'SENDER_EMPTY'],
    ['sees collected', UNCOLLECTED, { fees: new Uint8Array(128) }, 'FEES_NOT_COLLECTED', 'no fees are left'],
  ] as const) {
    it(`stops with both views when it refuses what the reference ${title}`, async () => {
      const honest = scene((execute) => execute());
      assert.deepEqual(refusedIn(await honest.engine.execute(honest.state, batch, OPTIONS)), [[0, 0, native]]);
      const { engine, state, before } = scene(async (execute) => {
        const execution = await execute();
        return { ...execution, refusals: execution.refusals.map((refusal) => ({ ...refusal, ...change })) };
      });
      const error = await assertRejects(engine.execute(state, batch, OPTIONS), 'INVARIANT_BROKEN');
      assert.deepEqual([error.data['native'], error.data['reference']], [native, reference]);
      assert.deepEqual(stateContent(state), before);
    });
  }

  it('fails with what is no error of ours as with a bug', async () => {
    for (const thrown of [new Error('anything'), 'a text', undefined]) {
      const { engine, state } = scene(() => Promise.reject(thrown));
      const error: unknown = await engine.execute(state, BATCH, OPTIONS).catch((reason: unknown) => reason);
      assert.ok(isRollupError(error, 'INVARIANT_BROKEN'));
    }
  });
});
