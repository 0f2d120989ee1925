import assert from 'node:assert/strict';
import { chunkCount, slotCount, worldSeed } from '../support/property/arbitraries.ts';
import { property } from '../support/property/property.ts';
import { createModel, modelAccountsOf, sortedAccounts, toModelInput } from '../support/rollup/model-shapes.ts';
import { World } from '../support/rollup/world.ts';

describe('the reference model', () => {
  const kinds = new Set<number>();
  let paidOut = 0;
  property(
    'finds every random valid operation valid, and reaches the same accounts, fees, commitment and root',
    [worldSeed(), chunkCount(), slotCount()],
    async (seed, chunks, slots) => {
      const world = new World(seed);
      const model = await createModel(world);
      assert.equal(model.root(), world.state.root);
      for (let chunk = 0; chunk < chunks; chunk += 1) {
        const { trace, effects } = world.randomChunk(slots);
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
      paidOut += model.withdrawals.filter(({ amount }) => amount > 0n).length;
    },
    {
      runs: 4,
      afterAll() {
        assert.deepEqual([...kinds].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert.ok(paidOut > 0);
      },
    },
  );
});
