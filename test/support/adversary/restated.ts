/** Right records under wrong roots: what a producer claims between and behind the chunks. */

import { assertionContent, chunksHash, contentHash, headerHash, keccak } from '@quittance/protocol';
import type { DeployedOptimistic } from '../contracts/deployment.ts';
import type { BuiltAssertion } from '../optimistic/asserted-batch.ts';

/** The same batch with other roots; its claims, and so its answers, stay what they were. */
function withRoots(
  { deployment, parameters }: DeployedOptimistic,
  built: BuiltAssertion,
  roots: readonly bigint[],
): BuiltAssertion {
  const batch = { ...built.batch, roots };
  const { chunks, authorizations } = built;
  const content = assertionContent(deployment, parameters.slotsPerChunk, { ...batch, chunks, authorizations });
  const { commitments, feeTokens } = batch;
  const header = {
    ...built.header,
    stateRoot: roots.at(-1)!,
    chunksHash: chunksHash({ roots, commitments, feeTokens, dataHashes: chunks.map(keccak) }),
  };
  return {
    ...built,
    batch,
    header,
    content,
    headerHash: headerHash(header),
    contentHash: contentHash(content),
    isLie: true,
  };
}

const changed = (root: bigint): bigint => root ^ 1n;
const rootsOf = ({ batch }: BuiltAssertion): readonly bigint[] => batch.roots;

/** The chunk before ends with another root than its records lead to, and the one behind starts with it. */
export function wrongBoundary(world: DeployedOptimistic, built: BuiltAssertion): BuiltAssertion {
  return withRoots(world, built, rootsOf(built).with(1, changed(rootsOf(built)[1]!)));
}

/** Only the last root is wrong. */
export function wrongEnd(world: DeployedOptimistic, built: BuiltAssertion): BuiltAssertion {
  return withRoots(world, built, rootsOf(built).with(-1, changed(rootsOf(built).at(-1)!)));
}

/** All roots but the parent's are wrong. */
export function wrongRootsOfTwo(world: DeployedOptimistic, built: BuiltAssertion): BuiltAssertion {
  const [first, ...others] = rootsOf(built);
  return withRoots(world, built, [first!, ...others.map(changed)]);
}
