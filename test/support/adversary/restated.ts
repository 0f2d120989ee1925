/** Right records under wrong roots: what a producer claims between and behind the chunks. */

import type { DeployedOptimistic } from '../contracts/deployment.ts';
import { type BuiltAssertion, withRoots } from '../optimistic/asserted-batch.ts';

const shapeOf = ({ deployment, parameters }: DeployedOptimistic) => ({
  deployment,
  slotsPerChunk: parameters.slotsPerChunk,
});

const changed = (root: bigint): bigint => root ^ 1n;
const rootsOf = ({ batch }: BuiltAssertion): readonly bigint[] => batch.roots;

/** The chunk before ends with another root than its records lead to, and the one behind starts with it. */
export function wrongBoundary(world: DeployedOptimistic, built: BuiltAssertion): BuiltAssertion {
  return withRoots(shapeOf(world), built, rootsOf(built).with(1, changed(rootsOf(built)[1]!)));
}

/** Only the last root is wrong. */
export function wrongEnd(world: DeployedOptimistic, built: BuiltAssertion): BuiltAssertion {
  return withRoots(shapeOf(world), built, rootsOf(built).with(-1, changed(rootsOf(built).at(-1)!)));
}

/** All roots but the parent's are wrong. */
export function wrongRootsOfTwo(world: DeployedOptimistic, built: BuiltAssertion): BuiltAssertion {
  const [first, ...others] = rootsOf(built);
  return withRoots(shapeOf(world), built, [first!, ...others.map(changed)]);
}
