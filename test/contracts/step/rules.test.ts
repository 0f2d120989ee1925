import assert from 'node:assert/strict';
import { RECORD_ERROR_CODES, type RecordErrorCode } from '@quittance/protocol';
import { CONTEXT, createState, NO_FEES } from '../../support/rollup/scene.ts';
import { portableCrypto } from '../../support/rollup/world.ts';
import { RULE_KINDS, STEP_CASES } from '../../support/step/cases.ts';
import { assertSameResult, deployStepVerifier, recordOf, type StepDeployment } from '../../support/step/step.ts';

describe('StepVerifier on the rules', () => {
  let deployment: StepDeployment;
  const unchanged = createState();

  before(async () => {
    deployment = await deployStepVerifier();
  });

  for (const code of ['valid', ...RECORD_ERROR_CODES] as const) {
    it(
      code === 'valid' ? 'gives the state of TypeScript after a valid record' : `gives ${code} as TypeScript does`,
      async () => {
        for (const { title, operation, circumstances } of STEP_CASES.filter((candidate) => candidate.code === code)) {
          const { state = unchanged, context = CONTEXT, fees = NO_FEES } = circumstances;
          const scene = { crypto: portableCrypto, state, context, fees };
          await assertSameResult(deployment.verifier, scene, recordOf(operation), code).catch((error: unknown) => {
            throw new Error(`${title}: ${error}`, { cause: error });
          });
        }
      },
    );
  }

  it('was asked about every rule for every kind that it applies to', () => {
    for (const [code, kinds] of Object.entries(RULE_KINDS) as [RecordErrorCode, readonly number[]][]) {
      const asked = new Set(STEP_CASES.filter((c) => c.code === code).map((c) => c.operation.fields.kind));
      assert.deepEqual(
        [...asked].sort((a, b) => a - b),
        kinds,
        code,
      );
    }
    const valid = new Set(STEP_CASES.filter((c) => c.code === 'valid').map((c) => c.operation.fields.kind));
    assert.deepEqual([...valid].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
