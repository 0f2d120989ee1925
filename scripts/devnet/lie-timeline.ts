/** What happens to a lie on L1: when each thing was seen, and what it cost whom. */

import type { AssertionEvent, AssertionReader } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import type { JsonRpcProvider } from 'ethers';
import { sleep } from './scenario-parts.ts';

/** Things that happen to a lie, in their order. */
export const LIE_EVENTS = ['disputed', 'answered', 'stepCommitted', 'stepProven', 'rejected'] as const;
export type LieEvent = (typeof LIE_EVENTS)[number];

/** Seconds since the lie was asserted, as far as things have happened. */
export type Timeline = Partial<Record<LieEvent, number>>;

/** One transaction against the lie. */
export interface Move {
  readonly type: AssertionEvent['type'];
  readonly sender: string;
  readonly gas: number;
}

const POLL_MS = 200;
/** Far longer than all periods of the devnet together. */
const LIMIT_SECONDS = 300;

export interface FollowOptions {
  readonly reader: AssertionReader;
  readonly assertionId: bigint;
  readonly fromBlock: number;
  readonly head: () => Promise<number>;
  /** Told of each thing once. */
  readonly onEvent: (type: LieEvent, seconds: number) => void;
  /** Looks whether all that is needed still runs. @throws if not. */
  readonly check: () => void;
}

/** Resolves when the lie is rejected. @throws RollupError TIMEOUT when nobody overturns it. */
export async function followLie(options: FollowOptions): Promise<Timeline> {
  const { reader, assertionId, fromBlock, head, onEvent, check } = options;
  const start = performance.now();
  const timeline: Timeline = {};
  while (timeline.rejected === undefined) {
    const seconds = (performance.now() - start) / 1_000;
    if (seconds > LIMIT_SECONDS) {
      throw new RollupError('TIMEOUT', `nobody overturned the lie within ${LIMIT_SECONDS} s`, { seconds });
    }
    check();
    for (const event of await reader.events(fromBlock, await head())) {
      const type = LIE_EVENTS.find((known) => known === event.type);
      if (type === undefined || timeline[type] !== undefined) continue;
      if ('assertionId' in event && event.assertionId !== assertionId) continue;
      timeline[type] = seconds;
      onEvent(type, seconds);
    }
    await sleep(POLL_MS);
  }
  return timeline;
}

/** The transactions about assertions of one account since a block. */
export async function movesOf(
  provider: JsonRpcProvider,
  events: readonly AssertionEvent[],
  account: string,
): Promise<Move[]> {
  const moves: Move[] = [];
  const seen = new Set<string>();
  for (const { type, transactionHash } of events) {
    if (seen.has(transactionHash)) continue;
    seen.add(transactionHash);
    const receipt = await provider.getTransactionReceipt(transactionHash);
    if (receipt?.from.toLowerCase() !== account.toLowerCase()) continue;
    moves.push({ type, sender: receipt.from, gas: Number(receipt.gasUsed) });
  }
  return moves;
}
