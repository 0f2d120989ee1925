/** The wires by which a chunk evaluates its polynomial: weights, accumulators and folds. Source: docs/protocol.md, Slot interface and tiling. */

import { BLOCKS_PER_GROUP, LIMB_BITS } from '@quittance/protocol';
import { blockPlaces } from './groups.ts';
import type { WireAllocator, Wiring } from './tile.ts';

const LIMBS = LIMB_BITS.length;

/** The public wires that the evaluation begins and ends with. */
export interface EvaluationEnds {
  readonly challenge: number;
  readonly yLow: number;
  readonly yHigh: number;
}

/** What the tiles of the evaluation are connected by. */
export interface EvaluationWiring {
  /** For each slot the wires of `weight[l]`, `accumulatorIn[l]` and `accumulatorOut[l]`. */
  readonly slots: readonly ReadonlyMap<string, number>[];
  readonly weights: Wiring;
  /** One a group. */
  readonly folds: readonly Wiring[];
  /** Limbs of the 0 that every accumulator and y start at. */
  readonly zeroWires: readonly number[];
}

/** First wires of limbs, which follow each other. */
interface Accumulators {
  readonly even: number;
  readonly odd: number;
}

/** Wires the weights tile to all slots, the slots of a group to each other, and the groups to their folds. */
export function evaluationWiring(wires: WireAllocator, slotCount: number, ends: EvaluationEnds): EvaluationWiring {
  const start = wires.allocate(LIMBS);
  const weights = wires.allocate(LIMBS * BLOCKS_PER_GROUP);
  const step = wires.allocate(LIMBS);
  const slots: ReadonlyMap<string, number>[] = [];
  const groups: Accumulators[] = [];
  let sums: Accumulators = { even: start, odd: start };
  for (const { weight, startsGroup, endsGroup } of blockPlaces(slotCount)) {
    if (startsGroup) sums = { even: start, odd: start };
    const next: Accumulators = { even: wires.allocate(LIMBS), odd: wires.allocate(LIMBS) };
    for (const parity of ['even', 'odd'] as const) {
      slots.push(
        limbWires({
          weight: weights + LIMBS * weight,
          accumulatorIn: sums[parity],
          accumulatorOut: next[parity],
        }),
      );
    }
    sums = next;
    if (endsGroup) groups.push(sums);
  }
  return {
    slots,
    weights: wiringOf(
      limbWires({ weights, step }, { weights: LIMBS * BLOCKS_PER_GROUP }).set('challenge', ends.challenge),
    ),
    folds: foldWirings(wires, groups, { start, step }, ends),
    zeroWires: [...limbWires({ start }).values()],
  };
}

/** Each fold takes the y of the one before; the last one's halves are public. */
function foldWirings(
  wires: WireAllocator,
  groups: readonly Accumulators[],
  { start, step }: { readonly start: number; readonly step: number },
  { yLow, yHigh }: EvaluationEnds,
): Wiring[] {
  let yIn = start;
  return groups.map((sums, group) => {
    const yOut = wires.allocate(LIMBS);
    const halves = group === groups.length - 1 ? { yLow, yHigh } : newHalves(wires);
    const wiring = wiringOf(
      limbWires({ yIn, step, ...sums, yOut })
        .set('yLow', halves.yLow)
        .set('yHigh', halves.yHigh),
    );
    yIn = yOut;
    return wiring;
  });
}

function newHalves(wires: WireAllocator): Pick<EvaluationEnds, 'yLow' | 'yHigh'> {
  return { yLow: wires.allocate(1), yHigh: wires.allocate(1) };
}

/** `name[0]`, `name[1]`, … for each name, from its first wire on; three unless `counts` says otherwise. */
function limbWires(
  firsts: Readonly<Record<string, number>>,
  counts: Readonly<Record<string, number>> = {},
): Map<string, number> {
  const found = new Map<string, number>();
  for (const [name, first] of Object.entries(firsts)) {
    for (let index = 0; index < (counts[name] ?? LIMBS); index++) found.set(`${name}[${index}]`, first + index);
  }
  return found;
}

const wiringOf =
  (signals: ReadonlyMap<string, number>): Wiring =>
  (signal) =>
    signals.get(signal)!;
