/** Waits until a transfer reaches a state. */

import { RollupError } from '@quittance/protocol';
import type { SequencerClient } from '@quittance/sdk';
import { systemClock } from '../../runtime/index.ts';

/** States of a transfer in their order. */
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
}

/** The first state at or behind `stage`. @throws RollupError TIMEOUT or TRANSFER_DROPPED. */
export async function waitForStage({ client, id, stage, seconds, signal }: WaitOptions): Promise<string> {
  const deadline = systemClock.nowMs() + seconds * 1_000;
  for (;;) {
    const { status, drop } = await client.call('rollup_getTransaction', { id });
    if (status === 'dropped') {
      throw new RollupError('TRANSFER_DROPPED', `the transfer was dropped: ${drop?.reason}: ${drop?.message}`, {
        id,
        reason: drop?.reason,
      });
    }
    // A disputed batch is on L1 all the same.
    const reached = status === 'disputed' ? 'posted' : status;
    if (STAGES.indexOf(reached as Stage) >= STAGES.indexOf(stage)) return status;
    if (systemClock.nowMs() >= deadline) {
      throw new RollupError(
        'TIMEOUT',
        `transfer ${id} is ${status} after ${seconds} s, not ${stage}; it may still get there`,
        {
          id,
          status,
        },
      );
    }
    await systemClock.sleep(LOOK_MS, signal);
  }
}
