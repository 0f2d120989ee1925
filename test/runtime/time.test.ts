import { strict as assert } from 'node:assert';
import { createLoop, retry, retryDelayMs, systemClock, unixSeconds } from '../../runtime/index.ts';
import { createManualClock } from '../support/manual-clock.ts';

describe('Runtime: retry', () => {
  const options = (clock = createManualClock(), random = () => 1) => ({
    clock,
    attempts: 4,
    firstDelayMs: 100,
    maxDelayMs: 250,
    isTransient: (error: unknown) => (error as Error).message === 'again',
    random,
  });

  it('doubles its pauses up to a bound, jittered between half and all', () => {
    assert.deepEqual(
      [1, 2, 3, 9].map((attempt) => retryDelayMs(options(), attempt)),
      [100, 200, 250, 250],
    );
    assert.deepEqual(
      [1, 2, 3].map((attempt) =>
        retryDelayMs(
          options(undefined, () => 0),
          attempt,
        ),
      ),
      [50, 100, 125],
    );
  });

  it('gives the first success', async () => {
    const clock = createManualClock();
    let count = 0;
    const result = retry(async () => {
      count += 1;
      if (count < 3) throw new Error('again');
      return count;
    }, options(clock));
    await clock.advance(0);
    await clock.advance(1_000);
    assert.equal(await result, 3);
  });

  it('ends after its attempts with the last error', async () => {
    const clock = createManualClock();
    let count = 0;
    const result = retry(async () => {
      count += 1;
      throw new Error('again');
    }, options(clock));
    const failed = assert.rejects(result, /again/);
    await clock.advance(0);
    await clock.advance(10_000);
    await failed;
    assert.equal(count, 4);
  });

  it('does not repeat what cannot pass', async () => {
    let count = 0;
    await assert.rejects(
      retry(async () => {
        count += 1;
        throw new Error('never');
      }, options()),
      /never/,
    );
    assert.equal(count, 1);
  });

  it('ends at once when it is cancelled in a pause', async () => {
    const clock = createManualClock();
    const controller = new AbortController();
    const result = retry(async () => Promise.reject(new Error('again')), {
      ...options(clock),
      signal: controller.signal,
    });
    const failed = assert.rejects(result, /stop/);
    await clock.advance(0);
    controller.abort(new Error('stop'));
    await failed;
    assert.equal(clock.scheduled, 0);
  });
});

describe('Runtime: loop', () => {
  it('repeats after its interval, runs once more for any number of wakes, never overlaps, and stops', async () => {
    const clock = createManualClock();
    let running = 0;
    let runs = 0;
    let release: () => void = () => undefined;
    const loop = createLoop({
      clock,
      intervalMs: 100,
      onError: (error) => assert.fail(String(error)),
      async run() {
        running += 1;
        runs += 1;
        assert.equal(running, 1);
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        running -= 1;
      },
    });
    loop.wake();
    assert.equal(runs, 0, 'not before it is started');
    loop.start();
    for (let i = 0; i < 5; i++) loop.wake();
    release();
    await clock.advance(0);
    assert.equal(runs, 2);
    release();
    await clock.advance(99);
    assert.equal(runs, 2);
    await clock.advance(1);
    assert.equal(runs, 3);
    const stopped = loop.stop();
    release();
    await stopped;
    await clock.advance(1_000);
    assert.equal(runs, 3);
  });

  it('tells of errors and goes on', async () => {
    const clock = createManualClock();
    const errors: unknown[] = [];
    const loop = createLoop({
      clock,
      intervalMs: 10,
      onError: (error) => errors.push(error),
      run: () => Promise.reject(new Error('broken')),
    });
    loop.start();
    await clock.advance(25);
    await loop.stop();
    assert.equal(errors.length, 3);
  });
});

describe('Runtime: clock', () => {
  it('shows Unix time and sleeps', async () => {
    assert.ok(Math.abs(unixSeconds(systemClock) - Date.now() / 1_000) < 2);
    const started = systemClock.nowMs();
    await systemClock.sleep(5);
    assert.ok(systemClock.nowMs() - started >= 4);
    await assert.rejects(systemClock.sleep(5, AbortSignal.abort(new Error('gone'))), /gone/);
  });
});
