import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import { untilEnd } from '../../cli/sequencer/until-end.ts';
import { createManualClock } from '../support/manual-clock.ts';

const replaced = new RollupError('FOREIGN_BATCH_FINAL', 'operation 3 is another one', {
  batch: 3,
  expected: 1,
  actual: 2,
});
const damaged = new RollupError('DATABASE_DAMAGED', 'the database is damaged');

describe('CLI: the end of a sequencer', () => {
  /** Runs it until a test ends it. */
  function begin() {
    const clock = createManualClock();
    const controller = new AbortController();
    const warnings: string[] = [];
    let halted: RollupError | undefined;
    let isOver = false;
    const output = { warn: (text: string) => void warnings.push(text) };
    const end = untilEnd(() => ({ halted }), clock, output, controller.signal).then(
      () => undefined,
      (error: unknown) => error,
    );
    void end.finally(() => {
      isOver = true;
    });
    return {
      ...{ clock, warnings, end, interrupt: () => controller.abort() },
      halt: (error: RollupError) => {
        halted = error;
      },
      get isOver() {
        return isOver;
      },
    };
  }

  it('comes with the interruption, and is no failure', async () => {
    const run = begin();
    await run.clock.advance(10_000);
    assert.equal(run.isOver, false);
    run.interrupt();
    assert.equal(await run.end, undefined);
    assert.deepEqual(run.warnings, []);
  });

  it('does not come when it only answers reads: it says so once, and why it stopped when it is interrupted', async () => {
    const run = begin();
    run.halt(replaced);
    await run.clock.advance(10_000);
    assert.equal(run.isOver, false);
    assert.equal(run.warnings.length, 1);
    assert.match(run.warnings[0]!, /^READ ONLY, FOREIGN_BATCH_FINAL: operation 3 is another one/);
    run.interrupt();
    assert.equal(await run.end, replaced);
  });

  it('comes at once when the database cannot be trusted', async () => {
    const run = begin();
    run.halt(damaged);
    await run.clock.advance(1_000);
    assert.equal(await run.end, damaged);
    assert.deepEqual(run.warnings, []);
  });
});
