import assert from 'node:assert/strict';
import { type ExecuteOptions, type Operation, RecordKind } from '@quittance/protocol';
import { describeNative } from '../../support/native.ts';
import { slotCount, worldSeed } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';
import { batchOf } from '../../support/rollup/engine-batch.ts';
import { World } from '../../support/rollup/world.ts';
import { executeOnAll, NATIVE_CRYPTO } from './engines.ts';

/** All that an execution may be asked for. */
const OPTIONS: readonly ExecuteOptions[] = (['believed', 'verified'] as const).flatMap((signatures) =>
  [
    { traces: true, commitments: true },
    { traces: true, commitments: false },
    { traces: false, commitments: true },
    { traces: false, commitments: false },
  ].map((wanted) => ({ signatures, onInvalid: 'stop', ...wanted })),
);

describeNative('valid batches on both engines', () => {
  const kinds = new Set<number>();

  property(
    'give the same bytes: traces, roots, commitments, changes and states',
    [worldSeed(), slotCount(), slotCount()],
    async (seed, first, second) => {
      const world = new World(seed, { crypto: NATIVE_CRYPTO });
      for (const index of [0, undefined, 2 ** 18, 2 ** 24 - 1]) world.fund(seed % 2, 10n ** 20n, index);
      world.randomChunk(6);
      const accounts = [...world.state.accounts()];
      const operationsOf = (slots: number): Operation[] => {
        const operations = world.randomChunk(slots).trace.slots.map(({ operation }) => operation);
        for (const { fields } of operations) kinds.add(fields.kind);
        return operations;
      };
      // Chunks of different lengths, one of which leaves everything as it is.
      const noops = world.execute([], 2).trace.slots.map(({ operation }) => operation);
      const batch = batchOf(world.context, operationsOf(first), noops, operationsOf(second), []);
      for (const options of OPTIONS) {
        const execution = await executeOnAll(accounts, batch, options);
        assert.deepEqual(execution.refusals, []);
        assert.equal(execution.chunks.at(-1)!.newRoot, world.state.root);
      }
    },
    { runs: 12, afterAll: () => assert.deepEqual([...kinds].sort(), Object.values(RecordKind)) },
  );
});
