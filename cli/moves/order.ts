/**
 * In which order moves are executed. Whoever moves dust by the thousands must not keep others waiting: dust goes with dust,
 * of each token what is worth most goes first, and tokens take turns, since amounts of different ones cannot be compared.
 */

import type { MoveClaim, MoveGroup } from '@quittance/derivation';

/** Decimal digits between two classes: what goes together differs by less than a thousandfold. */
const DIGITS_OF_CLASS = 3;

/** Moves by the class of their amounts, which go to L1 apart; in their order within each. */
export function classesOf(moves: readonly MoveClaim[]): (readonly MoveClaim[])[] {
  const classOf = ({ amount }: MoveClaim) => Math.floor((String(amount).length - 1) / DIGITS_OF_CLASS);
  return [...Map.groupBy(moves, classOf).values()];
}

/** A group in two: its `count` largest moves, and the others. Both are at least one. */
export function largestOf(group: MoveGroup, count: number): readonly [MoveGroup, MoveGroup] {
  const positions = [...group.moves.keys()].toSorted((one, other) => {
    const [first, second] = [group.moves[one]!.amount, group.moves[other]!.amount];
    return first === second ? one - other : first > second ? -1 : 1;
  });
  const largest = new Set(positions.slice(0, count));
  return [
    { ...group, moves: group.moves.filter((_, position) => largest.has(position)) },
    { ...group, moves: group.moves.filter((_, position) => !largest.has(position)) },
  ];
}

function totalOf({ moves }: MoveGroup): bigint {
  return moves.reduce((sum, { amount }) => sum + amount, 0n);
}

/** By what a move of it carries on average: what a group costs grows with their number. */
function compareWorth(one: MoveGroup, other: MoveGroup): number {
  const [first, second] = [totalOf(one) * BigInt(other.moves.length), totalOf(other) * BigInt(one.moves.length)];
  return first === second ? 0 : first > second ? -1 : 1;
}

/**
 * All groups: of each token and destination the worthier ones first, and those in turns.
 *
 * @param random in [0, 1): which of them begins. If it were always the same one, its dust could use up every look's money.
 */
export function inTurns(groups: readonly MoveGroup[], random: number): MoveGroup[] {
  const queues = [...Map.groupBy(groups, ({ tokenId, destination }) => `${tokenId}/${destination}`).values()];
  const first = Math.floor(random * queues.length);
  const order = [...queues.slice(first), ...queues.slice(0, first)].map((queue) => queue.toSorted(compareWorth));
  const longest = Math.max(0, ...order.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) =>
    order.flatMap((queue) => (queue[turn] === undefined ? [] : [queue[turn]])),
  ).flat();
}
