/** What L1 says of batches that it rejected: the story of a lie outlives it, with who showed it and what that earned. */

import { createAssertionReader } from '@quittance/chain';
import type { Values } from '../config/setting.ts';
import type { L1 } from '../l1/connect.ts';
import type { LOOK_SETTINGS } from './settings.ts';
import { etherText } from './view.ts';

/** One rejection. */
export interface Rejection {
  readonly assertionId: bigint;
  readonly winner: string;
  /** Wei. */
  readonly reward: bigint;
  /** Nobody answered the dispute; otherwise a step was shown to be wrong. */
  readonly unanswered: boolean;
  readonly blockNumber: number;
  readonly transactionHash: string;
}

/** The rejected batches of one number, the oldest first. @throws RollupError as `AssertionReader.events`. */
export async function readRejections(
  l1: L1,
  { contract, fromBlock }: Values<typeof LOOK_SETTINGS>,
  batch: number,
): Promise<Rejection[]> {
  const reader = createAssertionReader({ ...l1, contract });
  const constants = await reader.connect();
  if (constants === undefined) return [];
  const events = await reader.events(fromBlock, await l1.provider.getBlockNumber(), ['AssertionRejected']);
  return events.flatMap((event) => {
    if (event.type !== 'rejected' || event.number !== batch) return [];
    const { assertionId, winner, unanswered, blockNumber, transactionHash } = event;
    return [{ assertionId, winner, reward: constants.assertionBond / 2n, unanswered, blockNumber, transactionHash }];
  });
}

/** A line for people. */
export function rejectionText({
  assertionId,
  winner,
  reward,
  unanswered,
  blockNumber,
  transactionHash,
}: Rejection): string {
  const why = unanswered ? 'nobody answered the dispute' : 'a step was shown to be wrong';
  return `L1 rejected assertion ${assertionId} in block ${blockNumber}, since ${why}: ${winner} earned ${etherText(reward)} (${transactionHash})`;
}
