import assert from 'node:assert/strict';
import { RECORD_ERROR_CODES, RecordKind, type StepState, stepCommitment, visibleCountOf } from '@quittance/protocol';
import { loadOracle, type Oracle } from '../../support/crypto/oracle.ts';
import { createRandom, propertySeed } from '../../support/property/random.ts';
import { modelAccountsOf, toModelInput } from '../../support/rollup/model-shapes.ts';
import { ReferenceModel } from '../../support/rollup/reference-model.ts';
import { portableCrypto, World } from '../../support/rollup/world.ts';
import { createRandomStep } from '../../support/step/random-steps.ts';
import {
  assertSameResult,
  deployStepVerifier,
  operationOf,
  recordOf,
  type StepDeployment,
  type StepRecord,
  type StepScene,
} from '../../support/step/step.ts';

/** More with QUITTANCE_STEP_ROUNDS. */
const ROUNDS = Number(process.env['QUITTANCE_STEP_ROUNDS'] ?? 150);
/** Chunks of valid records are executed until every kind has come up. */
const KIND_COUNT = Object.keys(RecordKind).length;
const MAX_CHUNKS = 10;

/** What the naive model says, which computes every root anew. */
function judge(
  oracle: Oracle,
  { state, context, fees, visibleCount = 0 }: StepScene,
  record: StepRecord,
): { readonly code: string; readonly state?: StepState } {
  const { domain, batchTime, feeTokens } = context;
  const model = new ReferenceModel(oracle, domain, BigInt(batchTime), feeTokens);
  model.accounts = modelAccountsOf(state);
  model.fees = [...fees];
  const code = model.execute(toModelInput(operationOf(state, record)));
  if (code !== 'valid') return { code };
  const count = visibleCount + ([2, 3, 4, 5, 7].includes(record.fields.kind) ? 1 : 0);
  return { code, state: { stateRoot: model.root(), fees: model.fees, visibleCount: count } };
}

describe('StepVerifier on random records', () => {
  let deployment: StepDeployment;

  before(async () => {
    deployment = await deployStepVerifier();
  });

  it('gives the state of TypeScript after each of a chain of valid ones', async function () {
    const seed = propertySeed();
    this.test!.title += ` (seed ${seed})`;
    const world = new World(`step verifier ${seed}`);
    const { state, context } = world;
    const seen = new Set<number>();
    let fees: readonly bigint[] = [0n, 0n, 0n, 0n];
    let visibleCount = 0;
    for (let chunk = 0; seen.size < KIND_COUNT; chunk += 1) {
      assert.ok(chunk < MAX_CHUNKS, `kinds seen: ${[...seen]}`);
      const executed = world.randomChunk(16);
      // Back to the start of the chunk, then record by record.
      visibleCount = 0;
      state.undo(executed.effects.flatMap(({ changes }) => changes));
      for (const [slot, { operation }] of executed.trace.slots.entries()) {
        const scene = { crypto: portableCrypto, state, context, fees, visibleCount };
        await assertSameResult(deployment.verifier, scene, recordOf(operation), 'valid');
        visibleCount += visibleCountOf([operation]);
        const effects = executed.effects[slot]!;
        for (const change of effects.changes) state.write(change);
        fees = effects.fees;
        seen.add(operation.fields.kind);
      }
      assert.equal(state.root, executed.trace.newRoot);
    }
  });

  it('has the outcome of TypeScript and of the naive model for records and states broken in up to three places', async function () {
    this.timeout(120_000 + 100 * ROUNDS);
    const seed = propertySeed();
    this.test!.title += ` (seed ${seed})`;
    const random = createRandom(`broken steps ${seed}`);
    const oracle = await loadOracle();
    const seen = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const { title, scene, record } = createRandomStep(random);
      const result = await assertSameResult(deployment.verifier, scene, record).catch((error: unknown) => {
        throw new Error(`round ${round}: ${title}: ${error}`, { cause: error });
      });
      assert.deepEqual(judge(oracle, scene, record), result, `round ${round}: ${title}: the naive model disagrees`);
      seen.set(result.code, (seen.get(result.code) ?? 0) + 1);
    }
    const missing = ['valid', ...RECORD_ERROR_CODES].filter((code) => !seen.has(code));
    assert.ok(missing.length <= 4, `never seen: ${missing}`);
  });

  it('commits to a state as TypeScript does', async () => {
    const random = createRandom('step commitments');
    const four = () => Array.from({ length: 4 }, () => random.bits(256));
    for (let round = 0; round < 5; round += 1) {
      const state = { stateRoot: random.fieldElement(), fees: four(), visibleCount: random.below(1_005) };
      const feeTokens = four();
      assert.equal(await deployment.verifier.commitmentOf(state, feeTokens), stepCommitment(state, feeTokens));
    }
  });
});
