/** One reorg: money comes in and is spent while others pay, L1 takes blocks back and has others instead, and all of it ends. */

import { setTimeout as sleep } from 'node:timers/promises';
import { createPerson, type Person } from '../../../../test/support/rollup/person.ts';
import { type Acknowledged, accountOf, pay, startTraffic } from './traffic.ts';
import type { Deposit, World } from './world.ts';

/** What L1 has of the two deposits afterwards. */
export const VARIANTS = ['kept', 'dropped', 'replaced', 'reordered'] as const;
export type Variant = (typeof VARIANTS)[number];

export interface ReorgRun {
  readonly depth: number;
  readonly confirmations: number;
  readonly variant: Variant;
}

/** What became of it. */
export interface ReorgOutcome {
  readonly acknowledged: readonly Acknowledged[];
  /** Of those, by people whose money the reorg may have taken. */
  readonly newcomers: readonly Person[];
  readonly isHalted: boolean;
  /** Whether operations were taken back. */
  readonly isTakenBack: boolean;
}

const DEPOSIT = 1_000n;
const SMALLER = 30n;
const PAYMENTS = 3;
const TIMEOUT_MS = 60_000;
let count = 0;

async function until(
  world: World,
  what: string,
  condition: () => boolean | Promise<boolean>,
  mines = true,
): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (!(await condition())) {
    const { halted, trouble } = world.sequencer.status();
    if (halted !== undefined) throw halted;
    if (performance.now() > deadline) throw new Error(`${what} did not come true ${trouble?.message ?? ''}`);
    if (mines) await world.mine(1);
    await sleep(40);
  }
}

/** The deposits of the blocks that come instead. */
async function insteadOf(world: World, { variant }: ReorgRun, people: readonly Person[]): Promise<Deposit[]> {
  if (variant === 'dropped') return [];
  const amount = variant === 'replaced' ? SMALLER : DEPOSIT;
  const deposits: Deposit[] = [];
  for (const person of people) deposits.push(await world.depositOf(person, amount));
  return variant === 'reordered' ? deposits.reverse() : deposits;
}

const unseals = ({ storage }: World): number =>
  storage.log.seals().filter(({ entry }) => entry.type === 'unseal').length;

/** Whether L1 and the sequencer have the same in the end: all that was requested and accepted, in batches that are final. */
async function isAllFinal({ reader, sequencer, storage }: World): Promise<boolean> {
  const { requestedCount } = await reader.queueState();
  const { number } = await reader.finalState();
  const { openTransfers, priorityOperations, sealedBatch, finalBatch, trouble } = sequencer.status();
  const executed = storage.batches.last()?.header.priorityCount;
  const isExecuted = openTransfers === 0 && executed === priorityOperations && priorityOperations === requestedCount;
  // What was final here may have to come to L1 again.
  return isExecuted && sealedBatch === finalBatch && finalBatch === number && trouble === undefined;
}

/** @param payers with money that no reorg touches. */
export async function runReorg(world: World, run: ReorgRun, payers: readonly Person[]): Promise<ReorgOutcome> {
  const { depth, confirmations } = run;
  await world.restart(confirmations);
  const newcomers = ['one', 'other'].map((name) => createPerson(`${name} ${count}`));
  count += 1;
  const before = unseals(world);
  const traffic = startTraffic(world, payers);
  const acknowledged: Acknowledged[] = [];
  const blocks: number[] = [];
  for (const person of newcomers) blocks.push(await world.send(await world.depositOf(person, DEPOSIT)));
  const first = blocks[0]!;
  // With fewer confirmations than the depth they are counted, and their money is spent.
  if (confirmations <= depth) {
    await world.mine(confirmations - 1);
    await until(world, 'the deposits', () => newcomers.every((person) => accountOf(world, person)), false);
    for (let payment = 0; payment < PAYMENTS; payment++) {
      for (const person of newcomers)
        acknowledged.push(...([await pay(world, person, payers[0]!, 1n)].filter(Boolean) as Acknowledged[]));
    }
  }
  const missing = depth - ((await world.head()) - first + 1);
  if (missing > 0) {
    await world.mine(Math.floor(missing / 2));
    await sleep(300);
    const rest = depth - ((await world.head()) - first + 1);
    if (rest > 0) await world.mine(rest);
  }
  await world.reorg(depth, async (stays) => {
    const removed = newcomers.filter((_, position) => blocks[position]! > stays);
    return insteadOf(world, run, removed);
  });
  let isHalted = false;
  try {
    await until(world, 'calm', () => {
      const { trouble, priorityOperations } = world.sequencer.status();
      return trouble === undefined && priorityOperations > 0;
    });
    acknowledged.push(...(await traffic.stop()));
    await world.mine(2 * confirmations + 1);
    await until(world, 'the end of doubts', () => world.sequencer.status().trouble === undefined);
    await world.sequencer.sealNow();
    await until(world, 'finality', () => isAllFinal(world));
  } catch (error) {
    await traffic.stop();
    if (world.sequencer.status().halted === undefined) throw error;
    isHalted = true;
  }
  return { acknowledged, newcomers, isHalted, isTakenBack: unseals(world) > before };
}
