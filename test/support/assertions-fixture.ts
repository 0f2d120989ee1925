/** A rollup with optimistic mode for the tests of a `describe`, by default with the accounts that lies are told about. */

import type { Tip } from './asserted-batch.ts';
import {
  buildBatch,
  type DeploymentOptions,
  deployOptimistic,
  type L1,
  latestTime,
  type OptimisticParameters,
  type OptimisticWorld,
  submit,
} from './contracts.ts';
import { createLieState } from './lie-scene.ts';

/** What calls of optimistic mode need: the deployment, and its clocks and bonds at hand. */
export type AssertionsWorld = OptimisticWorld & { readonly optimistic: OptimisticParameters };

export async function deployAssertions(options: DeploymentOptions = {}): Promise<AssertionsWorld> {
  const world = await deployOptimistic(options);
  return { ...world, optimistic: world.parameters.optimistic };
}

/** Makes a state final that nobody deposited: the simulator proves anything. */
export async function seedState(world: AssertionsWorld, state = createLieState()): Promise<Tip> {
  const time = await latestTime(world);
  const built = buildBatch(world, { parent: world.genesis, time, chunks: [[]], roots: [state.root] });
  await submit(world, built);
  return { header: built.header, state };
}

/** Deploys once for the tests of a `describe`, and takes L1 back to that state before each of them. */
export function deploymentFixture<T>(options: DeploymentOptions, prepare: (world: AssertionsWorld) => Promise<T>) {
  const fixture = {} as { world: AssertionsWorld; prepared: T };
  let snapshot: Awaited<ReturnType<L1['networkHelpers']['takeSnapshot']>>;
  before(async () => {
    fixture.world = await deployAssertions(options);
    fixture.prepared = await prepare(fixture.world);
    snapshot = await fixture.world.l1.networkHelpers.takeSnapshot();
  });
  beforeEach(async () => {
    await snapshot.restore();
  });
  return fixture;
}

/** The same on top of the accounts of lies, which batch 1 has made final. */
export function assertionsFixture<T extends object = object>(
  options: DeploymentOptions = {},
  prepare?: (world: AssertionsWorld, tip: Tip) => Promise<T>,
) {
  return deploymentFixture(options, async (world) => {
    const tip = await seedState(world);
    const more = prepare === undefined ? ({} as T) : await prepare(world, tip);
    return { tip, ...more };
  });
}
