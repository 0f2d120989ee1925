/** A rollup with optimistic mode for the tests of a `describe`, by default with the accounts that lies are told about. */

import { buildBatch, submit } from '../contracts/batch.ts';
import {
  type DeployedOptimistic,
  type DeploymentOptions,
  deployOptimistic,
  fixtureOf,
  latestTime,
} from '../contracts/deployment.ts';
import type { Tip } from './asserted-batch.ts';
import { createLieState } from './lie-scene.ts';

/** Makes a state final that nobody deposited: the simulator proves anything. */
export async function seedState(world: DeployedOptimistic, state = createLieState()): Promise<Tip> {
  const time = await latestTime(world);
  const built = buildBatch(world, { parent: world.genesis, time, chunks: [[]], roots: [state.root] });
  await submit(world, built);
  return { header: built.header, state };
}

/** A rollup with optimistic mode, by `fixtureOf`. */
export function deploymentFixture<Prepared>(
  options: DeploymentOptions,
  prepare: (world: DeployedOptimistic) => Promise<Prepared>,
) {
  return fixtureOf(() => deployOptimistic(options), prepare);
}

/** The same on top of the accounts of lies, which batch 1 has made final. */
export function assertionsFixture<T extends object = object>(
  options: DeploymentOptions = {},
  prepare?: (world: DeployedOptimistic, tip: Tip) => Promise<T>,
) {
  return deploymentFixture(options, async (world) => {
    const tip = await seedState(world);
    const more = prepare === undefined ? ({} as T) : await prepare(world, tip);
    return { tip, ...more };
  });
}
