/**
 * Executes moves. All that it needs to know is on L1, so it can be killed at any point and started again: what is paid is
 * not found any more. What the destination or L1 refuses is put aside with the reason, and the rest goes on.
 */

import type { ClaimedWithdrawal, Destination, RollupReader } from '@quittance/chain';
import {
  type ClaimableBatches,
  type ClaimableOptions,
  groupMoves,
  type MoveGroup,
  movesTo,
  readClaimableBatches,
  unpaidOf,
} from '@quittance/derivation';
import type { JsonRpcApiProvider } from 'ethers';
import { type AttemptOptions, executeGroup } from './attempt.ts';
import { type Budget, createBudget } from './budget.ts';
import { type LeastAmount, worthwhile } from './dust.ts';
import { handledOf, leftOf, sumOfLeft, together, type Unexecuted } from './handled.ts';
import { termsOf, tokenObstacle } from './obstacles.ts';
import { classesOf, inTurns } from './order.ts';

export interface ExecutorOptions extends Omit<AttemptOptions, 'contract' | 'budget'> {
  /** Of the rollup that is left. */
  readonly reader: RollupReader;
  readonly provider: JsonRpcApiProvider;
  /** Block of its deployment, or one before it. */
  readonly fromBlock: number;
  readonly destinations: readonly Destination[];
  /** Most wei for each move: a destination asks what it likes. */
  readonly maxFee: bigint;
  /** The tokens that are executed; all, whatever the amount, when undefined. */
  readonly minAmount?: readonly LeastAmount[] | undefined;
  /** In [0, 1); Math.random if not given. */
  readonly random?: () => number;
}

/**
 * Looks at L1 once and executes what it finds, within a budget; without a bound when none is given.
 *
 * @returns what it put aside and what it left. @throws as `executeGroup`, and as reading L1.
 */
export type LookForMoves = (signal: AbortSignal, budget?: Budget) => Promise<Unexecuted>;

function aside(groups: readonly MoveGroup[], reason: string): Unexecuted {
  return { skipped: groups.map((group) => ({ ...handledOf(group), reason })), left: [] };
}

/** A group with what its destination says of itself. */
interface Offered {
  readonly group: MoveGroup;
  readonly address: string;
  readonly priorityFee: bigint;
}

/** What can be offered to one destination. */
async function offeredTo(
  options: ExecutorOptions,
  { number, address }: Destination,
  final: ClaimableBatches,
  paid: readonly ClaimedWithdrawal[],
): Promise<Unexecuted & { readonly offered: readonly Offered[] }> {
  const { moves, left } = worthwhile(options.minAmount, unpaidOf(movesTo(final, new Set([number])), paid));
  if (moves.length === 0) return { offered: [], skipped: [], left };
  const terms = await termsOf(options.provider, address, options.maxFee);
  if (typeof terms === 'string') return { offered: [], ...aside(groupMoves(moves, moves.length), terms), left };
  const { maxImport, priorityFee } = terms;
  const groups = classesOf(moves).flatMap((each) => groupMoves(each, maxImport));
  const offered = groups.map((group) => ({ group, address, priorityFee }));
  return { offered, skipped: [], left };
}

/** Executes groups in turns. */
async function executeAll(
  options: ExecutorOptions & Pick<AttemptOptions, 'contract' | 'budget'>,
  offered: readonly Offered[],
  signal: AbortSignal,
): Promise<Unexecuted> {
  const terms = new Map(offered.map((each) => [each.group, each]));
  const groups = inTurns([...terms.keys()], (options.random ?? Math.random)());
  const obstacles = new Map<string, string | undefined>();
  const tooDear = new Map<string, string>();
  const parts: Unexecuted[] = [];
  for (const group of groups) {
    const { address, priorityFee } = terms.get(group)!;
    const key = `${group.destination}/${group.tokenId}`;
    if (!options.budget.isUsedUp && !obstacles.has(key))
      obstacles.set(key, await tokenObstacle(options, address, group.tokenId));
    const [obstacle, dear] = [obstacles.get(key), tooDear.get(key)];
    if (obstacle !== undefined) parts.push(aside([group], obstacle));
    else if (dear !== undefined) parts.push({ skipped: [], left: [leftOf(group, 'maxSpendOfOne', dear)] });
    else {
      const part = await executeGroup(options, group, priorityFee, signal);
      parts.push(part);
      // Moves of one token to one destination cost about the same.
      const found = part.left.find(({ limit }) => limit === 'maxSpendOfOne');
      if (found !== undefined) tooDear.set(key, found.reason);
    }
  }
  return together(parts);
}

/** An executor of the moves to some destinations. Its looks must not overlap. */
export function createExecutor(options: ExecutorOptions): LookForMoves {
  const { reader, fromBlock, destinations } = options;
  const { contract } = reader;
  const known: NonNullable<ClaimableOptions['known']> = new Map();
  return async (signal, budget = createBudget()) => {
    const final = await readClaimableBatches({ reader, fromBlock, signal, known });
    const { number: head } = await reader.head();
    const paid = await reader.claims(fromBlock, head);
    const found: Awaited<ReturnType<typeof offeredTo>>[] = [];
    for (const destination of destinations) found.push(await offeredTo(options, destination, final, paid));
    const offered = found.flatMap((each) => each.offered);
    const { skipped, left } = together([...found, await executeAll({ ...options, contract, budget }, offered, signal)]);
    return { skipped, left: sumOfLeft(left) };
  };
}
