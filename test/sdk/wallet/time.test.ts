/** What waits for something, or for a signal. */

import { strict as assert } from 'node:assert';
import { setImmediate as turn } from 'node:timers/promises';
import { orAborted } from '../../../packages/sdk/wallet/time.ts';

describe('orAborted', () => {
  const failed = new Error('failed');
  const stopped = new Error('stopped');

  it('gives what the promise gives, without a signal and with one', async () => {
    const { signal } = new AbortController();
    for (const given of [undefined, signal]) {
      assert.equal(await orAborted(Promise.resolve(7), given), 7);
      await assert.rejects(orAborted(Promise.reject(failed), given), failed);
    }
  });

  it('gives the reason of the signal, whether it is aborted before or later', async () => {
    const never = new Promise<never>(() => {});
    await assert.rejects(orAborted(never, AbortSignal.abort(stopped)), stopped);
    const controller = new AbortController();
    const waiting = orAborted(never, controller.signal);
    controller.abort(stopped);
    await assert.rejects(waiting, stopped);
  });

  it('leaves no rejection that nobody hears, whether it is aborted before or later', async () => {
    const unheard: unknown[] = [];
    const note = (error: unknown): void => void unheard.push(error);
    process.on('unhandledRejection', note);
    try {
      for (const isBefore of [true, false]) {
        const controller = new AbortController();
        const { promise, reject } = Promise.withResolvers<never>();
        if (isBefore) controller.abort(stopped);
        const waiting = orAborted(promise, controller.signal);
        controller.abort(stopped);
        await assert.rejects(waiting, stopped);
        reject(failed);
        await turn();
        await turn();
      }
    } finally {
      process.removeListener('unhandledRejection', note);
    }
    assert.deepEqual(unheard, []);
  });
});
