/** The time of an L1 in memory. */

import type { BlockTag } from 'ethers';
import { type Clock, systemClock } from '../../../runtime/index.ts';

/** As much of a provider as that takes. */
interface Blocks {
  getBlock(tag: BlockTag): Promise<{ readonly timestamp: number } | null>;
}

/**
 * A clock that shows what time it is on an L1. It is not our time: an L1 that was put back to a snapshot goes on from the time of
 * the snapshot, however long ago the process took it.
 */
export async function l1Clock(provider: Blocks): Promise<Clock> {
  const latest = await provider.getBlock('latest');
  const aheadMs = latest!.timestamp * 1_000 - systemClock.nowMs();
  return { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
}
