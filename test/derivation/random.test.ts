import assert from 'node:assert/strict';
import {
  type AssertionVerdict,
  honestCommitments,
  locateFault,
  replayAssertion,
  undoChanges,
} from '@quittance/derivation';
import { genesisHeader, isRollupError } from '@quittance/protocol';
import fc from 'fast-check';
import { createRandomAssertion } from '../support/derivation/random-assertion.ts';
import { property } from '../support/property/property.ts';
import { propertySeed } from '../support/property/random.ts';
import { portableCrypto, World } from '../support/rollup/world.ts';

const SLOTS = 8;
const RUNS = 24;

describe('replay of assertions with one flipped bit', () => {
  const world = new World(`assertions/${propertySeed()}`);
  world.randomChunk(SLOTS);
  const { before, submission } = createRandomAssertion(world, { slots: SLOTS });
  const deployment = { domain: world.domain, slotsPerChunk: SLOTS };
  const parent = genesisHeader(before.root, 0);
  const { root } = before;
  const answers = [0, 1].map((chunk) => honestCommitments(world.crypto, before, { submission, chunk }, deployment));
  let broken = 0;

  /** The bit at a share of the list's length. */
  const flip = (bytes: Uint8Array, share: number): Uint8Array => {
    const bit = Math.floor(share * 8 * bytes.length);
    return bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7)));
  };

  property(
    'agrees with disputes on what the bit breaks',
    [
      fc.constantFrom(0, 1),
      fc.constantFrom('authorizations' as const, 'authorizations' as const, 'chunks' as const),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    ],
    async (chunk, list, share) => {
      fc.pre(submission[list][chunk]!.length > 0);
      const changed = { ...submission, [list]: submission[list].with(chunk, flip(submission[list][chunk]!, share)) };
      let verdict: AssertionVerdict;
      try {
        verdict = await replayAssertion(portableCrypto, before, parent, changed, deployment);
      } catch (error) {
        // Other kinds have other lengths, and words must be below r: L1 refuses such data.
        assert.ok(isRollupError(error) && ['WRONG_LENGTH', 'OUT_OF_RANGE'].includes(error.code));
        assert.equal(before.root, root);
        return;
      }
      // Whose account an exit that pays nothing meant is the queue's affair: the state is the same.
      if (verdict.isRight) undoChanges(before, verdict.batch.changes);
      assert.equal(before.root, root);
      const located = locateFault(world.crypto, before, { submission: changed, chunk }, answers[chunk]!, deployment);
      assert.equal(before.root, root);
      assert.equal(located === undefined, verdict.isRight);
      if (verdict.isRight || located === undefined) return;
      const [fault] = verdict.faults;
      assert.equal(fault.chunk, chunk);
      assert.ok(located.slot <= fault.slot);
      if (located.slot === fault.slot) assert.deepEqual(located.outcome, fault.outcome);
      broken += 1;
    },
    { runs: RUNS, afterAll: () => assert.ok(broken > RUNS / 2, `${broken} runs broke something`) },
  );
});
