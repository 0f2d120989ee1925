/** In which order a watcher acts, and for how long one action may keep the next look back. */

import { strict as assert } from 'node:assert';
import { RollupError, ZERO_BYTES32 } from '@quittance/protocol';
import { act } from '../../watcher/act.ts';
import type { PlannedOn, TaskResult } from '../../watcher/dispute/decisions.ts';
import type { Task } from '../../watcher/dispute/plan.ts';
import { createManualClock } from '../support/manual-clock.ts';

const head = { number: 9, hash: ZERO_BYTES32, parentHash: ZERO_BYTES32, timestamp: 5 };
const on = { head, nonce: 7 };
const task = (move: Task['move']) => ({ move, key: move }) as Task;

describe('Watcher: acting', () => {
  const clock = createManualClock();
  let performed: (readonly [Task['move'], number])[];
  /** Moves whose transaction stays in the pool. */
  let stuck: ReadonlySet<Task['move']>;
  let failure: Error | undefined;

  const actor = {
    async perform({ move }: Task, { free }: PlannedOn, signal?: AbortSignal): Promise<TaskResult> {
      performed.push([move, free]);
      if (failure !== undefined) throw failure;
      if (!stuck.has(move)) return 'done';
      await clock.sleep(400_000, signal);
      return 'done';
    },
  };
  const run = (moves: readonly Task['move'][], signal?: AbortSignal) =>
    act({ actor, clock }, moves.map(task), on, signal);

  beforeEach(() => {
    performed = [];
    stuck = new Set();
    failure = undefined;
  });

  it('counts on from the nonces that were used', async () => {
    const actions = await run(['answer', 'finalize', 'release']);
    assert.deepEqual(performed, [
      ['answer', 7],
      ['finalize', 8],
      ['release', 9],
    ]);
    assert.deepEqual(
      actions.map(({ result }) => result),
      ['done', 'done', 'done'],
    );
  });

  for (const move of ['finalize', 'settle', 'settleForOther', 'release', 'collect'] as const) {
    it(`gives up a ${move} that gets into no block within half a minute, and looks at L1 again`, async () => {
      stuck = new Set([move]);
      const acting = run([move, 'collect']);
      await clock.advance(29_000);
      assert.equal(performed.length, 1);
      await clock.advance(2_000);
      assert.deepEqual(await acting, [{ move, key: move, result: 'waiting' }]);
    });
  }

  for (const move of ['prove', 'commit', 'answer', 'dispute', 'reject'] as const) {
    it(`stays with a ${move}, against which a clock runs`, async () => {
      stuck = new Set([move]);
      const acting = run([move]);
      await clock.advance(399_000);
      await clock.advance(2_000);
      assert.deepEqual(await acting, [{ move, key: move, result: 'done' }]);
    });
  }

  it('gives up one that fails behind its time if that passes, and throws what does not pass', async () => {
    for (const [late, code] of [
      [new RollupError('L1_UNREACHABLE', 'away', {}), undefined],
      [new RollupError('INVARIANT_BROKEN', 'a bug', {}), 'INVARIANT_BROKEN'],
    ] as const) {
      const slow = {
        async perform(): Promise<TaskResult> {
          await clock.sleep(31_000);
          throw late;
        },
      };
      const acting = act({ actor: slow, clock }, [task('release')], on, undefined);
      const ended = code === undefined ? acting : assert.rejects(acting, { code });
      await clock.advance(32_000);
      const actions = await ended;
      if (code === undefined) assert.deepEqual(actions, [{ move: 'release', key: 'release', result: 'waiting' }]);
    }
  });

  it('ends with the reason of its signal, and with what a task throws', async () => {
    stuck = new Set(['release']);
    const ending = new AbortController();
    const acting = assert.rejects(run(['release'], ending.signal), { code: 'CANCELLED', message: 'the end' });
    await clock.advance(1_000);
    ending.abort(new RollupError('CANCELLED', 'the end'));
    await acting;
    failure = new RollupError('L1_UNREACHABLE', 'away', {});
    await assert.rejects(run(['release']), { code: 'L1_UNREACHABLE' });
  });
});
