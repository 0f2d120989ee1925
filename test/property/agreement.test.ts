import assert from 'node:assert/strict';
import { World } from '../support/world.ts';
import { createModel, modelAccountsOf, property, sortedAccounts, toModelInput } from './support.ts';

describe('the reference model', () => {
  property(
    'finds every random valid operation valid, and reaches the same accounts, fees, commitment and root',
    async (seed) => {
      const world = new World(seed);
      const model = await createModel(world);
      assert.equal(model.root(), world.state.root);
      const kinds = new Set<number>();
      for (let chunk = 0; chunk < 6; chunk += 1) {
        const { trace, effects } = world.randomChunk(14);
        model.commitment = 0n;
        for (const [slot, { operation }] of trace.slots.entries()) {
          assert.equal(model.execute(toModelInput(operation)), 'valid', `chunk ${chunk}, slot ${slot}`);
          assert.deepEqual(model.fees, effects[slot]!.fees, `chunk ${chunk}, slot ${slot}`);
          kinds.add(operation.fields.kind);
        }
        assert.equal(model.commitment, trace.commitment);
        assert.deepEqual(sortedAccounts(model), modelAccountsOf(world.state));
        assert.equal(model.root(), world.state.root);
      }
      assert.deepEqual([...kinds].sort(), [0, 1, 2, 3, 4, 5, 6]);
      const paidOut = model.withdrawals.filter(({ amount }) => amount > 0n);
      assert.ok(paidOut.length > 0);
    },
  );
});
