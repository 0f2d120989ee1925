import assert from 'node:assert/strict';
import {
  applyOperation,
  RollupState,
  stepCommitment,
  stepCommitmentsOf,
  stepStatesOf,
  wordCountOf,
} from '@quittance/protocol';
import { World } from '../../support/rollup/world.ts';

describe('states between the records of a chunk', () => {
  it('are those that the records give one after the other', () => {
    const world = new World('step states');
    world.randomChunk(8);
    const replayed = new RollupState(world.crypto.hasher, world.state.accounts());
    const { trace } = world.randomChunk(12);
    let fees: readonly bigint[] = [0n, 0n, 0n, 0n];
    let visibleCount = 0;
    const states = trace.slots.map(({ operation }) => {
      const before = { stateRoot: replayed.root, fees, visibleCount };
      const outcome = applyOperation(world.crypto, replayed, operation, trace.context, fees);
      assert.ok(outcome.valid);
      for (const change of outcome.effects.changes) replayed.write(change);
      fees = outcome.effects.fees;
      if (wordCountOf(operation.fields.kind) > 0) visibleCount += 1;
      return before;
    });
    assert.deepEqual(stepStatesOf(world.crypto.hasher, trace), states);
    assert.deepEqual(
      stepCommitmentsOf(world.crypto.hasher, trace),
      states.slice(1).map((state) => stepCommitment(state, trace.context.feeTokens)),
    );
    assert.ok(states.some((state) => state.fees.some((sum) => sum > 0n)));
    assert.ok(states.at(-1)!.visibleCount > 1);
  });

  it('are one fewer commitments than slots: the last state is the batch’s root', () => {
    const world = new World('step commitments');
    const { trace } = world.randomChunk(4);
    assert.equal(stepCommitmentsOf(world.crypto.hasher, trace).length, 3);
  });
});
