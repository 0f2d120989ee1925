import assert from 'node:assert/strict';
import { createReferenceEngine, NOOP, type RollupState } from '@quittance/protocol';
import { chunkCount, slotCount, worldSeed } from '../support/property/arbitraries.ts';
import { property } from '../support/property/property.ts';
import { batchOf, OPTIONS, refusedIn } from '../support/rollup/engine-batch.ts';
import { portableCrypto, World } from '../support/rollup/world.ts';

const snapshot = (state: RollupState) => ({
  root: state.root,
  accounts: new Map(state.accounts()),
  shards: state.shards(),
});

describe('undoing', () => {
  property(
    'restores root, shards and accounts of any chunk, and doing it again leads to the same state',
    [worldSeed(), chunkCount(), slotCount()],
    (seed, chunks, slots) => {
      const world = new World(seed);
      for (let chunk = 0; chunk < chunks; chunk += 1) {
        const before = snapshot(world.state);
        const { trace, effects } = world.randomChunk(slots);
        const after = snapshot(world.state);
        assert.equal(trace.oldRoot, before.root);
        assert.equal(trace.newRoot, after.root);
        const changes = effects.flatMap((each) => each.changes);
        world.state.undo(changes);
        assert.deepEqual(snapshot(world.state), before);
        for (const change of changes) world.state.write(change);
        assert.deepEqual(snapshot(world.state), after);
      }
    },
    { runs: 3 },
  );

  property(
    'is what a chunk does that fails at any of its slots',
    [worldSeed(), slotCount()],
    async (seed, slots) => {
      const engine = createReferenceEngine(portableCrypto);
      const world = new World(seed);
      world.randomChunk(12);
      const { trace, effects } = world.randomChunk(slots);
      world.state.undo(effects.flatMap(({ changes }) => changes));
      const operations = trace.slots.map(({ operation }) => operation);
      const bad = { ...NOOP, fields: { ...NOOP.fields, kind: 8 } };
      const before = snapshot(world.state);
      for (let slot = 0; slot <= operations.length; slot += 1) {
        const prefix = operations.slice(0, slot);
        const batch = batchOf(world.context, [...prefix, bad]);
        const execution = await engine.execute(world.state, batch, OPTIONS);
        assert.deepEqual(refusedIn(execution), [[0, slot, 'RESERVED_KIND']]);
        assert.deepEqual(snapshot(world.state), before);
      }
    },
    { runs: 2 },
  );
});
