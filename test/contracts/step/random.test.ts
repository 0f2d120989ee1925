import assert from 'node:assert/strict';
import { propertySeed } from '../../support/random.ts';
import { assertSameResult, deployStepVerifier, recordOf, type StepDeployment } from '../../support/step.ts';
import { portableCrypto, World } from '../../support/world.ts';

describe('StepVerifier on random valid records', () => {
  let deployment: StepDeployment;

  before(async () => {
    deployment = await deployStepVerifier();
  });

  it('gives the state of TypeScript after each of them', async function () {
    const seed = propertySeed();
    this.test!.title += ` (seed ${seed})`;
    const world = new World(`step verifier ${seed}`);
    const { state, context } = world;
    const seen = new Set<number>();
    let fees: readonly bigint[] = [0n, 0n, 0n, 0n];
    for (let chunk = 0; chunk < 3; chunk += 1) {
      const executed = world.randomChunk(16);
      // Back to the start of the chunk, then record by record.
      state.undo(executed.effects.flatMap(({ changes }) => changes));
      for (const [slot, { operation }] of executed.trace.slots.entries()) {
        const scene = { crypto: portableCrypto, state, context, fees };
        await assertSameResult(deployment.verifier, scene, recordOf(operation), 'valid');
        const effects = executed.effects[slot]!;
        for (const change of effects.changes) state.write(change);
        fees = effects.fees;
        seen.add(operation.fields.kind);
      }
    }
    assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4, 5, 6]);
  });
});
