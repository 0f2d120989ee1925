/** Payments to a wallet as they come: over a subscription, and by reading the history where there is none. */

import { isPassing, isRollupError } from '@quittance/protocol';
import { createIncoming } from './incoming.ts';
import { LOOK_MS, live } from './live.ts';
import { createPauses } from './time.ts';
import type { IncomingPayment, WatchOptions } from './types.ts';
import { look, presentPlace, type Watch, type Watched } from './watching.ts';

/** Pauses between attempts to connect. */
const FIRST_PAUSE_MS = 250;
const MOST_PAUSE_MS = 10_000;

/** Ends the watch, or says that it may go on: what passes is waited for. @returns whether subscriptions are of no use here. */
function afterFailure(error: unknown, signal: AbortSignal): boolean {
  signal.throwIfAborted();
  if (!isRollupError(error)) throw error;
  return !isPassing(error);
}

/**
 * Payments to the accounts of the wallet's key, in the order of the log, each once, when it has reached a stage. Accounts that
 * payments open meanwhile are watched too. A token that cannot be read is told of all the same, and marked.
 *
 * @throws the reason of the signal or of closing the wallet; RollupError when the sequencer refuses to be read.
 */
export async function* watchPayments(
  watched: Watched,
  { fromSequence, stage = 'final', signal }: WatchOptions,
): AsyncGenerator<IncomingPayment, void, undefined> {
  const { clock, closed, own } = watched;
  const ended = signal === undefined ? closed.signal : AbortSignal.any([signal, closed.signal]);
  ended.throwIfAborted();
  const from = fromSequence ?? (await presentPlace(watched, ended));
  const watch: Watch = {
    ...watched,
    ...{ signal: ended, accounts: new Set(), incoming: createIncoming(from, stage, own) },
  };
  let subscribes = true;
  let pause = createPauses(FIRST_PAUSE_MS, MOST_PAUSE_MS);
  for (;;) {
    try {
      if (subscribes) yield* live(watch);
    } catch (error) {
      if (afterFailure(error, ended)) subscribes = false;
    }
    try {
      yield* look(watch);
      pause = createPauses(FIRST_PAUSE_MS, MOST_PAUSE_MS);
    } catch (error) {
      if (afterFailure(error, ended)) throw error;
    }
    await clock.sleep(subscribes ? pause() : LOOK_MS, ended);
  }
}
