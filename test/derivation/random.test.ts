import assert from 'node:assert/strict';
import {
  type AssertedSubmission,
  type AssertionVerdict,
  honestCommitments,
  locateFault,
  replayAssertion,
  undoChanges,
} from '@quittance/derivation';
import {
  chunkAuthorizations,
  encodeChunkData,
  genesisHeader,
  isRollupError,
  packFeeTokens,
  RollupState,
} from '@quittance/protocol';
import { propertySeed } from '../support/random.ts';
import { World } from '../support/world.ts';

const SLOTS = 8;
const ROUNDS = 24;

/** Two random right chunks as an assertion, and the state before them. */
function createAssertion(world: World): { before: RollupState; submission: AssertedSubmission } {
  const before = new RollupState(world.crypto.hasher, world.state.accounts());
  const traces = [world.randomChunk(SLOTS), world.randomChunk(SLOTS)].map(({ trace }) => trace);
  const operations = traces.map(({ slots }) => slots.map(({ operation }) => operation));
  const submission = {
    number: 1,
    time: world.context.batchTime,
    roots: [before.root, ...traces.map(({ newRoot }) => newRoot)],
    commitments: traces.map(({ commitment }) => commitment),
    feeTokens: traces.map(({ context }) => packFeeTokens(context.feeTokens)),
    chunks: operations.map(encodeChunkData),
    authorizations: operations.map(chunkAuthorizations),
  };
  return { before, submission };
}

describe('replay of random assertions', () => {
  const seed = propertySeed();

  it(`agrees with disputes on what one flipped bit breaks (seed ${seed})`, () => {
    const world = new World(`assertions/${seed}`);
    world.randomChunk(SLOTS);
    const { before, submission } = createAssertion(world);
    const deployment = { domain: world.domain, slotsPerChunk: SLOTS };
    const parent = genesisHeader(before.root, 0);
    const { root } = before;
    const answers = [0, 1].map((chunk) => honestCommitments(world.crypto, before, { submission, chunk }, deployment));
    let broken = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const chunk = world.random.below(2);
      const list = round % 3 === 0 ? 'chunks' : 'authorizations';
      const bytes = submission[list][chunk]!;
      if (bytes.length === 0) continue;
      const bit = world.random.below(8 * bytes.length);
      const flipped = bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7)));
      const changed = { ...submission, [list]: submission[list].with(chunk, flipped) };
      const what = `bit ${bit} of ${list}[${chunk}]`;
      let verdict: AssertionVerdict;
      try {
        verdict = replayAssertion(world.crypto, before, parent, changed, deployment);
      } catch (error) {
        // Other kinds have other lengths, and words must be below r: L1 refuses such data.
        assert.ok(isRollupError(error) && ['WRONG_LENGTH', 'OUT_OF_RANGE'].includes(error.code), what);
        assert.equal(before.root, root, what);
        continue;
      }
      // Whose account an exit that pays nothing meant is the queue's affair: the state is the same.
      if (verdict.isRight) undoChanges(before, verdict.batch.changes);
      assert.equal(before.root, root, what);
      const located = locateFault(world.crypto, before, { submission: changed, chunk }, answers[chunk]!, deployment);
      assert.equal(before.root, root, what);
      assert.equal(located === undefined, verdict.isRight, what);
      if (verdict.isRight || located === undefined) continue;
      const [fault] = verdict.faults;
      assert.equal(fault.chunk, chunk, what);
      assert.ok(located.slot <= fault.slot, what);
      if (located.slot === fault.slot) assert.deepEqual(located.outcome, fault.outcome, what);
      broken += 1;
    }
    assert.ok(broken > ROUNDS / 2, `${broken} rounds broke something`);
  });
});
