/** The one error for a log that none of our events explains. */

import { RollupError } from '@quittance/protocol';
import type { Log } from 'ethers';

/** @param cause what decoding it failed with, if anything. */
export function unreadableLog({ index, blockNumber }: Log, cause?: unknown): RollupError {
  return new RollupError(
    'L1_LOG_UNREADABLE',
    `log ${index} of block ${blockNumber} is none of ours; check the node`,
    { block: blockNumber, log: index },
    cause === undefined ? undefined : { cause },
  );
}
