/** Executes one group of moves, around what L1 refuses of it and within what may be spent. */

import { halvesOf, type MoveGroup } from '@quittance/derivation';
import { type ExecutedMoves, handledOf, leftOf, together, type Unexecuted } from './handled.ts';
import { type OfferOptions, offerGroup } from './offer.ts';
import { largestOf } from './order.ts';

export interface AttemptOptions extends OfferOptions {
  /** Told of each transaction that is in a block. */
  readonly onExecuted: (executed: ExecutedMoves) => void;
}

/** Leaves a group to a later look. */
function wait({ budget: { most } }: AttemptOptions, group: MoveGroup): Unexecuted {
  return { skipped: [], left: [leftOf(group, 'maxSpend', `--max-spend, ${most} wei a look, is used up`)] };
}

/** Of a group that costs more than is left, executes its largest moves, as many as that pays for. */
async function executeSome(
  options: AttemptOptions,
  group: MoveGroup,
  cost: bigint,
  priorityFee: bigint,
  signal: AbortSignal,
): Promise<Unexecuted> {
  const { budget } = options;
  const { length } = group.moves;
  const most = budget.most ?? cost;
  if (length === 1 && cost > most) {
    const reason = `one of them takes ${cost} wei, and a look may spend ${most}: pay that with --max-spend`;
    return { skipped: [], left: [leftOf(group, 'maxSpendOfOne', reason)] };
  }
  if (length === 1) {
    budget.useUp();
    return wait(options, group);
  }
  // In proportion, and fewer each time: a part of what they cost does not grow with their number.
  const affordable = Number((BigInt(length) * (budget.left() ?? cost)) / cost);
  const [some, rest] = largestOf(group, Math.max(1, Math.min(length - 1, affordable)));
  const first = await executeGroup(options, some, priorityFee, signal);
  const tooDear = first.left.find(({ limit }) => limit === 'maxSpendOfOne');
  if (tooDear !== undefined) {
    return together([first, { skipped: [], left: [leftOf(rest, 'maxSpendOfOne', tooDear.reason)] }]);
  }
  budget.useUp();
  return together([first, wait(options, rest)]);
}

/**
 * Executes what L1 takes of a group: whole, or in halves around what it refuses, without what was paid meanwhile; and no
 * more than the budget pays for.
 *
 * @returns what it does not take, and what the budget left.
 * @throws RollupError L1_REORG, L1_UNREACHABLE, INSUFFICIENT_FUNDS and what else sending throws, or the signal's reason.
 */
export async function executeGroup(
  options: AttemptOptions,
  group: MoveGroup,
  priorityFee: bigint,
  signal: AbortSignal,
): Promise<Unexecuted> {
  signal.throwIfAborted();
  if (options.budget.isUsedUp) return wait(options, group);
  const skip = (reason: string): Unexecuted => ({ skipped: [{ ...handledOf(group), reason }], left: [] });
  const answer = await offerGroup(options, group, priorityFee, signal);
  if (answer.kind === 'taken') {
    const { fees, transactionHash } = answer;
    options.onExecuted({ ...handledOf(group), fees, transactionHash });
    return { skipped: [], left: [] };
  }
  if (answer.kind === 'dear') return executeSome(options, group, answer.cost, priorityFee, signal);
  if (answer.kind === 'paid') {
    const moves = group.moves.filter(({ index }) => index !== answer.index);
    if (moves.length === 0) return { skipped: [], left: [] };
    // Every round has fewer moves, whatever L1 says.
    if (moves.length < group.moves.length) return executeGroup(options, { ...group, moves }, priorityFee, signal);
    return skip(`L1 says that withdrawal ${answer.index} was paid, which is not among them`);
  }
  if (answer.kind === 'refused' || group.moves.length === 1) return skip(answer.reason);
  const parts: Unexecuted[] = [];
  for (const half of halvesOf(group)) parts.push(await executeGroup(options, half, priorityFee, signal));
  return together(parts);
}
