/**
 * `./dev bench reorg [--depths 1,2,7,64] [--rounds N] [--json] [--save]`: L1 takes back blocks under a sequencer while people
 * pay, fewer than its confirmations and more, and has other deposits instead: the same, none, smaller ones, or another order.
 * Ends with code 1 when anything acknowledged is lost or executed twice, when it halts, or when L1 has another state.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createL1 } from '../../test/support/contracts/deployment.ts';
import { createPerson } from '../../test/support/rollup/person.ts';
import { readArguments } from './parts/arguments.ts';
import { printResult } from './parts/options.ts';
import { judge, type Verdict } from './parts/reorg/judge.ts';
import type { ReorgResult } from './parts/reorg/result.ts';
import { type ReorgOutcome, runReorg, VARIANTS, type Variant } from './parts/reorg/run.ts';
import { createWorld } from './parts/reorg/world.ts';

const USAGE = 'usage: ./dev bench reorg [--depths 1,2,7,64] [--rounds N] [--json] [--save]';
const PAYERS = 4;
const FUNDS = 10n ** 12n;
const MOST_BLOCKS_TOGETHER = 20;
const MOST_DEPTH = 500;
const MOST_ROUNDS = 500;

/** Fewer confirmations than the depth, so that what was counted is taken back, and more. */
const confirmationsOf = (depth: number): number[] => [Math.max(1, Math.floor(depth / 3)), depth + 2];

/** anvil keeps the states of some hundred blocks only: those of deep reorgs are for one variant. */
const variantsTogether = (depth: number): readonly (readonly Variant[])[] =>
  depth > MOST_BLOCKS_TOGETHER ? VARIANTS.map((variant) => [variant]) : [VARIANTS];

const { depths, rounds, json, save } = readArguments(USAGE, { depths: '1,2,7,64', rounds: '1' }, (whole, texts) => {
  const depths = texts.depths.split(',').map(Number);
  if (depths.every((depth) => Number.isSafeInteger(depth) && depth >= 1 && depth <= MOST_DEPTH)) {
    return { depths, rounds: whole('rounds', 1, MOST_ROUNDS) };
  }
  throw new Error(`--depths takes numbers of blocks from 1 to ${MOST_DEPTH}, not ${texts.depths}`);
});

type GroupResult = Verdict & { readonly runs: number; readonly takenBack: number; readonly halted: number };

/** Variants of one depth on a chain of their own. */
async function runGroup(
  folder: string,
  depth: number,
  confirmations: number,
  variants: readonly Variant[],
): Promise<GroupResult> {
  const world = await createWorld(folder);
  try {
    const payers = Array.from({ length: PAYERS }, (_, number) => createPerson(`payer ${number}`));
    for (const person of [createPerson('operator'), ...payers]) await world.send(await world.depositOf(person, FUNDS));
    await world.mine(1);
    const outcomes: ReorgOutcome[] = [];
    for (const variant of variants) {
      const outcome = await runReorg(world, { depth, confirmations, variant }, payers);
      outcomes.push(outcome);
      const { acknowledged, isTakenBack } = outcome;
      const what = `${depth} blocks, ${confirmations} confirmations, deposits ${variant}`;
      console.error(`${what}: ${acknowledged.length} acknowledged${isTakenBack ? ', operations taken back' : ''}`);
    }
    return {
      ...(await judge(world, outcomes)),
      runs: outcomes.length,
      takenBack: outcomes.filter(({ isTakenBack }) => isTakenBack).length,
      halted: outcomes.filter(({ isHalted }) => isHalted).length,
    };
  } finally {
    await world.stop();
  }
}

await createL1(); // compiles
const folder = mkdtempSync(join(tmpdir(), 'quittance-bench-reorg-'));
try {
  const groups: GroupResult[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const depth of depths) {
      for (const confirmations of confirmationsOf(depth)) {
        for (const variants of variantsTogether(depth)) {
          groups.push(await runGroup(mkdtempSync(join(folder, 'group-')), depth, confirmations, variants));
        }
      }
    }
  }
  const sum = (name: Exclude<keyof GroupResult, 'rootsEqual'>) =>
    groups.reduce((total, { [name]: count }) => total + count, 0);
  const result: ReorgResult = {
    ...{ depths, runs: sum('runs'), takenBack: sum('takenBack'), acknowledged: sum('acknowledged') },
    ...{ undone: sum('undone'), lost: sum('lost'), doubled: sum('doubled'), halted: sum('halted') },
    rootsEqual: groups.every(({ rootsEqual }) => rootsEqual),
  };
  const { runs, takenBack, acknowledged, undone, lost, doubled, halted } = result;
  printResult(result, { name: 'reorg', json, save, slots: 0 }, [
    `${runs} reorgs of ${depths.join(', ')} blocks, ${takenBack} beyond what was counted: ${acknowledged} acknowledged`,
    `${undone} undone with their money, ${lost} lost, ${doubled} doubled, ${halted} halts`,
  ]);
  process.exitCode = lost === 0 && doubled === 0 && halted === 0 && result.rootsEqual ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
