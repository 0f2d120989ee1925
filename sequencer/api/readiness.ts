/** Whether transfers are accepted, for load balancers, and why not, for people. */

import type { Readiness } from '../../runtime/index.ts';
import { publicMessage } from '../halt.ts';
import type { SyncStatus } from '../sequencer.ts';

/**
 * Not ready is what has halted, and what refuses transfers for as long as L1 does not hold a request that was counted. That
 * posting fails keeps nobody from sending transfers, and a full mempool passes while others are served.
 */
export function readinessOf({ halted, trouble }: Pick<SyncStatus, 'halted' | 'trouble'>): Readiness {
  const obstacle = halted ?? (trouble?.code === 'OPERATION_TAKEN_BACK' ? trouble : undefined);
  if (obstacle === undefined) return { ready: true };
  return { ready: false, reason: obstacle.code, message: publicMessage(obstacle) };
}
