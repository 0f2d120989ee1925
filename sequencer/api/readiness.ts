/** Whether transfers are accepted, for load balancers, and why not, for people. */

import type { RollupError } from '@quittance/protocol';
import type { Readiness } from '../../runtime/index.ts';
import { publicMessage } from '../halt.ts';
import type { SyncStatus } from '../sequencer.ts';

const isInTheWay = (trouble: RollupError | undefined): boolean =>
  trouble?.code === 'OPERATION_TAKEN_BACK' || trouble?.code === 'REPLICA_BEHIND';

/**
 * Not ready is what has halted, and what refuses transfers for as long as L1 does not hold a request that was counted. That
 * posting fails keeps nobody from sending transfers, and a full mempool passes while others are served.
 *
 * @param ofCluster what is in the way of all nodes, or of what this one knows of them.
 */
export function readinessOf(
  { halted, trouble }: Pick<SyncStatus, 'halted' | 'trouble'>,
  ofCluster?: RollupError,
): Readiness {
  const obstacle = halted ?? (isInTheWay(trouble) ? trouble : ofCluster);
  if (obstacle === undefined) return { ready: true };
  return { ready: false, reason: obstacle.code, message: publicMessage(obstacle) };
}
