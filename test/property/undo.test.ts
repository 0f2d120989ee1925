import assert from 'node:assert/strict';
import { executeChunk, NOOP, type RollupState } from '@quittance/protocol';
import { assertCode } from '../support/assertions.ts';
import { portableCrypto, World } from '../support/world.ts';
import { property } from './support.ts';

const snapshot = (state: RollupState) => ({
  root: state.root,
  accounts: new Map(state.accounts()),
  shards: state.shards(),
});

describe('undoing', () => {
  property('restores root, shards and accounts of any chunk, and doing it again leads to the same state', (seed) => {
    const world = new World(seed);
    for (let chunk = 0; chunk < 5; chunk += 1) {
      const before = snapshot(world.state);
      const { trace, effects } = world.randomChunk(12);
      const after = snapshot(world.state);
      assert.equal(trace.oldRoot, before.root);
      assert.equal(trace.newRoot, after.root);
      const changes = effects.flatMap((each) => each.changes);
      world.state.undo(changes);
      assert.deepEqual(snapshot(world.state), before);
      for (const change of changes) world.state.write(change);
      assert.deepEqual(snapshot(world.state), after);
    }
  });

  property('is what a chunk does that fails at any of its slots', (seed) => {
    const world = new World(seed);
    world.randomChunk(12);
    const { trace, effects } = world.randomChunk(10);
    world.state.undo(effects.flatMap(({ changes }) => changes));
    const operations = trace.slots.map(({ operation }) => operation);
    const bad = { ...NOOP, fields: { ...NOOP.fields, kind: 7 } };
    const before = snapshot(world.state);
    for (let slot = 0; slot <= operations.length; slot += 1) {
      const prefix = operations.slice(0, slot);
      const { data } = assertCode(
        () => executeChunk(portableCrypto, world.state, [...prefix, bad], world.context),
        'RESERVED_KIND',
      );
      assert.equal(data['slot'], prefix.length);
      assert.deepEqual(snapshot(world.state), before);
    }
  });
});
