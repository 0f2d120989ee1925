import assert from 'node:assert/strict';
import { applyOperation, decodeRecord, encodeRecord, type Operation, RECORD_ERROR_CODES } from '@quittance/protocol';
import fc from 'fast-check';
import { codeOf } from '../support/assertions.ts';
import { worldSeed } from '../support/property/arbitraries.ts';
import { property } from '../support/property/property.ts';
import type { Random } from '../support/property/random.ts';
import { createModel, modelAccountsOf, sortedAccounts, toModelInput } from '../support/rollup/model-shapes.ts';
import type { ReferenceModel } from '../support/rollup/reference-model.ts';
import { BREAKERS, BreakableRollup, type Candidate } from './broken.ts';

const TIMES = 8;
const NO_FEES = [0n, 0n, 0n, 0n];

/** Outcome of a candidate by the protocol; a valid one is carried out on both sides. */
function compare({ world }: BreakableRollup, model: ReferenceModel, { operation, fees = NO_FEES }: Candidate): string {
  const outcome = applyOperation(world.crypto, world.state, operation, world.context, fees);
  model.fees = [...fees];
  const expected = model.execute(toModelInput(operation));
  assert.equal(
    codeOf(outcome),
    expected,
    JSON.stringify(operation, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
  );
  if (outcome.valid) {
    for (const change of outcome.effects.changes) world.state.write(change);
    assert.deepEqual(model.fees, outcome.effects.fees);
  }
  return expected;
}

/** One bit of the record, a word or the authorization flipped. */
function flipped(random: Random, operation: Operation): Operation {
  const { fields, words, authorization } = operation;
  const part = random.below(10);
  if (part < 5) {
    return { ...operation, fields: decodeRecord(encodeRecord(fields) ^ (1n << BigInt(random.below(124)))) };
  }
  if (part < 8 && words.length > 0) {
    const position = random.below(3);
    return { ...operation, words: words.with(position, words[position]! ^ (1n << BigInt(random.below(256)))) };
  }
  if (authorization === undefined) return operation;
  const bit = 1n << BigInt(random.below(256));
  const { validUntil, keyX, r8, s } = authorization;
  return {
    ...operation,
    authorization: random.pick([
      { ...authorization, validUntil: Number(BigInt(validUntil) ^ (1n << BigInt(random.below(40)))) },
      { ...authorization, keyX: keyX ^ bit },
      { ...authorization, r8: { ...r8, x: r8.x ^ bit } },
      { ...authorization, r8: { ...r8, y: r8.y ^ bit } },
      { ...authorization, s: s ^ bit },
    ]),
  };
}

describe('broken operations', () => {
  for (const code of RECORD_ERROR_CODES) {
    property(
      `that break ${code} first are named so by the protocol and by the reference model`,
      [worldSeed(), fc.integer({ min: 1, max: TIMES })],
      async (seed, rounds) => {
        const scene = new BreakableRollup(seed);
        const model = await createModel(scene.world);
        const root = scene.world.state.root;
        for (let round = 0; round < rounds; round += 1)
          assert.equal(compare(scene, model, BREAKERS[code](scene)), code);
        assert.equal(scene.world.state.root, root);
      },
      { runs: 2 },
    );
  }

  const outcomes = new Map<string, number>();
  property(
    'with any one bit flipped have the same outcome, accounts and root in both',
    [worldSeed(), fc.integer({ min: 1, max: 100 })],
    async (seed, rounds) => {
      const scene = new BreakableRollup(seed);
      const model = await createModel(scene.world);
      for (let round = 0; round < rounds; round += 1) {
        const valid = scene.any();
        const operation = scene.random.chance(0.15) ? valid : flipped(scene.random, valid);
        const outcome = compare(scene, model, { operation });
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (round % 20 === 19) {
          assert.deepEqual(sortedAccounts(model), modelAccountsOf(scene.world.state));
          assert.equal(model.root(), scene.world.state.root);
        }
      }
    },
    {
      runs: 4,
      afterAll() {
        assert.ok(outcomes.size >= 7, `only ${[...outcomes.keys()]} came up`);
        assert.ok((outcomes.get('valid') ?? 0) >= 5);
      },
    },
  );
});
