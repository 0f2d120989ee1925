/**
 * Notes where on L1 priority operations were requested. The leader says it when it takes one on; a reorg may have moved it by
 * the time that the entry is applied here, or later.
 */

import type { PriorityRow } from '../../storage/index.ts';
import type { SequencerContext } from '../context.ts';
import { isEntryOf } from '../mempool/requests.ts';

/** Most blocks, and most operations, of one look. */
const MAX_BLOCKS = 5_000;
const MAX_ROWS = 100;

/** Follows the places of operations. */
export interface PriorityPlaces {
  /**
   * Looks whether the operations stand where the database has them. What L1 does not have any more, or has otherwise, stays as
   * it is, and so does all behind it: what follows from that is for the leader to say, who reads L1 from the last operation on
   * that stands where it stood.
   */
  look(newest: number): Promise<void>;
}

/** Those that the database has now are looked at again from the last one back, if that one has moved. */
export function createPriorityPlaces({ storage, chain, config }: SequencerContext): PriorityPlaces {
  const { priority, log } = storage;
  /** So many of the first ones stood where the database has them when they were looked at last. */
  let known = priority.count();

  const isThere = async ({ blockNumber, blockHash }: PriorityRow): Promise<boolean> =>
    (await chain.block(blockNumber))?.hash === blockHash;
  /** Goes back behind the last one that stands where it stood. */
  const goBack = async (): Promise<void> => {
    known = Math.min(known, priority.count());
    for (let row = priority.get(known - 1); row !== undefined; row = priority.get(known - 1)) {
      if (await isThere(row)) return;
      known -= 1;
    }
  };
  /** Reads from the last one that is known to stand where it does, and notes where the others stand. */
  const readAgain = async (newest: number): Promise<void> => {
    const from = priority.get(known - 1)?.blockNumber ?? config.deploymentBlock;
    const to = Math.min(newest - config.confirmations + 1, from + MAX_BLOCKS - 1);
    if (to < from) return;
    const requests = await chain.priorityRequests(from, to);
    requests.sort((one, other) => one.queueIndex - other.queueIndex);
    storage.stage(() => {
      let next = known;
      for (const request of requests) {
        const { queueIndex } = request;
        const row = queueIndex > next ? undefined : priority.get(queueIndex);
        if (row === undefined || !isEntryOf(request, log.get(row.sequence)?.entry)) return;
        priority.move(queueIndex, request);
        next = Math.max(next, queueIndex + 1);
      }
    });
  };

  return {
    async look(newest) {
      await goBack();
      let isRead = false;
      for (const row of priority.from(known, MAX_ROWS)) {
        if (!(await isThere(row))) {
          if (!isRead) await readAgain(newest);
          isRead = true;
          const moved = priority.get(row.queueIndex);
          if (moved === undefined || !(await isThere(moved))) return;
        }
        known = row.queueIndex + 1;
      }
    },
  };
}
