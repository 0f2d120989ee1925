/** Reorgs of the simulated L1: short ones, which the confirmations foresee, and deep ones. */

import type { World } from './world.ts';

/** No reorg reaches them: the operator's accounts for fees are requested there, without which no batch can be made. */
const FIRST_BLOCKS = 4;
const MOST_BLOCKS = 64;
/** Seconds in which whoever runs makes a move again that a reorg took. */
const REACTION_SECONDS = 90;

/**
 * Whether each move that a reorg from this block on takes can be made again in its time: the clocks of disputes are longer than
 * any reorg of the chain that they run on, and how long a reorg may be beside clocks of minutes is all that limits it here.
 */
function leavesTime({ l1, clock }: World, first: number): boolean {
  const { assertions, events, finals, options } = l1.contract;
  const { challengePeriod, answerWindow, stepWindow } = assertions.rules;
  const takenFrom = l1.blocks[first]!.timestamp;
  const again = Math.floor(clock.nowMs() / 1_000) + REACTION_SECONDS;
  const isRefuted = (assertion: bigint): boolean =>
    events.some((event) => {
      const { blockNumber, type } = event;
      return blockNumber >= first && type === 'rejected' && event.assertionId === assertion && !event.unanswered;
    });
  /** Whether a batch that L1 took with its proofs removed the assertion, in blocks that the reorg takes perhaps. */
  const isOvertaken = (status: string, number: number): boolean =>
    status === 'removed' && (finals[number]?.blockNumber ?? first) >= first;
  return assertions.assertions.every(({ id, assertedAt, asserter, built, chunks, status }) => {
    const isOver = isRefuted(id) || isOvertaken(status, built.header.number);
    const isLie = built.truth.lie !== undefined;
    // One that is taken itself has all of its time anew.
    if (assertedAt >= takenFrom || (!isLie && !options.producers.has(asserter))) return true;
    return chunks.every(({ disputes, answeredAt }) => {
      const disputedAt = disputes[0]?.openedAt;
      if (disputedAt === undefined) return true;
      if (disputedAt >= takenFrom) return !isLie || again <= assertedAt + challengePeriod;
      if (answeredAt === undefined) return true;
      if (answeredAt >= takenFrom) return isLie || again <= disputedAt + answerWindow;
      return !isLie || !isOver || again <= answeredAt + stepWindow;
    });
  });
}

/** Takes some of the last blocks away; what stood in them comes back, or some of it, or nothing. */
export function reorg(world: World): void {
  const { random, l1, settings, note } = world;
  const isDeep = random.chance(0.15);
  const most = Math.min(MOST_BLOCKS, l1.head.number - FIRST_BLOCKS);
  if (most < 1) return;
  const shallow = Math.min(settings.confirmations - 1, most);
  let depth = isDeep ? 1 + random.below(most) : shallow < 1 ? 0 : 1 + random.below(shallow);
  while (depth > 0 && !leavesTime(world, l1.head.number - depth + 1)) depth -= 1;
  if (depth === 0) return;
  const share = random.pick([0, 0.5, 1]);
  const first = l1.head.number - depth + 1;
  if (depth >= settings.confirmations) world.takenBackFrom = Math.min(world.takenBackFrom ?? first, first);
  note(`reorg of ${depth} blocks, ${share} of the transactions come back`);
  world.count('reorg');
  if (depth >= settings.confirmations) world.count('deep reorg');
  l1.reorg(depth, () => random.chance(share));
}
