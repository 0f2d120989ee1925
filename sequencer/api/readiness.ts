/** Whether transfers are accepted, for load balancers, and why not, for people. */

import type { ErrorCode, RollupError } from '@quittance/protocol';
import type { Readiness } from '../../runtime/index.ts';
import { publicMessage } from '../halt.ts';
import type { SyncStatus } from '../sequencer.ts';

const IN_THE_WAY: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>([
  'OPERATION_TAKEN_BACK',
  'OPERATION_REPLACED',
  'REPLICA_BEHIND',
  'NOT_LEADER',
]);

const isInTheWay = (trouble: RollupError | undefined): boolean => IN_THE_WAY.has(trouble?.code);

/**
 * Not ready is what has halted, and what refuses transfers for as long as L1 does not hold a request as it was counted. That
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
