/** Waits until a transfer reaches a state. */

import { isPassing, RollupError } from '@quittance/protocol';
import type { SequencerClient } from '@quittance/sdk';
import { type Clock, systemClock } from '../../runtime/index.ts';

/** States of a transfer in their order. All before `final` are the producer's promise. */
export const STAGES = ['sealed', 'proving', 'posted', 'final'] as const;
export type Stage = (typeof STAGES)[number];

const LOOK_MS = 500;

export interface WaitOptions {
  readonly client: SequencerClient;
  /** Transaction id. */
  readonly id: string;
  readonly stage: Stage;
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** Whether a transfer in state `status` has reached `stage`, or more. A disputed batch is on L1 all the same. */
export function hasReached(status: string, stage: Stage): boolean {
  const reached = status === 'disputed' ? 'posted' : status;
  return STAGES.indexOf(reached as Stage) >= STAGES.indexOf(stage);
}

/** State of the transfer; undefined when the sequencer cannot say at present. @throws RollupError TRANSFER_DROPPED. */
async function askStatus(client: SequencerClient, id: string): Promise<string | undefined> {
  try {
    const { status, drop } = await client.call('rollup_getTransaction', { id });
    if (status !== 'dropped') return status;
    throw new RollupError('TRANSFER_DROPPED', `the transfer was dropped: ${drop?.reason}: ${drop?.message}`, {
      id,
      reason: drop?.reason,
    });
  } catch (error) {
    if (isPassing(error)) return undefined;
    throw error;
  }
}

/**
 * The first state at or behind `stage`. A sequencer that restarts or seals meanwhile is waited for.
 *
 * @throws RollupError TIMEOUT or TRANSFER_DROPPED.
 */
export async function waitForStage(options: WaitOptions): Promise<string> {
  const { client, id, stage, seconds, signal, clock = systemClock } = options;
  const deadline = clock.nowMs() + seconds * 1_000;
  for (;;) {
    const status = await askStatus(client, id);
    if (status !== undefined && hasReached(status, stage)) return status;
    if (clock.nowMs() >= deadline) {
      const now = status === undefined ? 'of unknown state: the sequencer does not answer' : status;
      const message = `transfer ${id} is ${now} after ${seconds} s, not ${stage}; it may still get there`;
      throw new RollupError('TIMEOUT', message, { id, status });
    }
    await clock.sleep(LOOK_MS, signal);
  }
}
