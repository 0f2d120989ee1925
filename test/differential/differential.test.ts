import assert from 'node:assert/strict';
import { RECORD_ERROR_CODES, RecordKind } from '@quittance/protocol';
import type { Circuit } from '../support/circuits/circuits.ts';
import type { StepContract } from '../support/step/step.ts';
import { type Calculate, SlotCalculators, type SlotProver } from './calculators.ts';
import { CircuitComparison } from './circuit.ts';
import { DisagreementError } from './place.ts';
import { type JudgedCase, judge } from './rules.ts';
import { caseAt, differentialCrypto, type LaneReport, runLane } from './run.ts';
import { SolidityComparison } from './solidity.ts';
import { encodeVector } from './vector.ts';

const SEED = 'tests';
const crypto = differentialCrypto();

/** How often each outcome came up. */
function codesOf({ kinds }: LaneReport): Map<string, number> {
  const codes = new Map<string, number>();
  for (const [kind, count] of Object.entries(kinds)) {
    const code = kind.split('/')[1]!;
    codes.set(code, (codes.get(code) ?? 0) + count);
  }
  return codes;
}

describe('differential: random records of a fixed seed', function () {
  this.timeout(240_000);

  it('have one outcome in TypeScript and in the naive model, and break every rule often', async () => {
    const report = await runLane({ lane: 'rules', seed: SEED, firstWorld: 0, records: 500 });
    const codes = codesOf(report);
    for (const code of RECORD_ERROR_CODES) assert.ok(codes.get(code)! >= 5, `${code}: ${codes.get(code)}`);
    const validKinds = Object.keys(RecordKind).filter((kind) => report.kinds[`${kind}/valid`]! >= 5);
    assert.deepEqual(validKinds, Object.keys(RecordKind));
    assert.ok(report.madeUp < 25, `${report.madeUp} of 500 states are out of reach`);
  });

  it('satisfy the circuit when they are valid; no lie about an invalid one does', async () => {
    const { circuit } = await runLane({ lane: 'circuit', seed: SEED, firstWorld: 0, records: 30 });
    const { records, accepted, refused, lies } = circuit!;
    assert.equal(records, 30);
    assert.ok(accepted >= 5 && refused >= 15, `${accepted} accepted, ${refused} refused`);
    assert.ok(lies >= 2 * refused, `${lies} lies about ${refused} records`);
  });

  it('have the outcome and the state of TypeScript in Solidity', async () => {
    const report = await runLane({ lane: 'solidity', seed: SEED, firstWorld: 0, records: 40 });
    assert.ok(report.asked > 30, `${report.asked} records`);
  });

  it('can be made again from their place', async () => {
    const place = { seed: SEED, world: 3, position: 40 };
    const [once, again] = [caseAt(place), caseAt(place)].map((found) => encodeVector(judge(found)));
    assert.deepEqual(once, again);
  });
});

describe('differential: an implementation that is wrong is found', function () {
  this.timeout(240_000);
  const place = { seed: SEED, world: 0, position: 0 };
  let calculators: SlotCalculators;

  before(async () => {
    calculators = await SlotCalculators.open();
  });

  /** The first record of world 0 with this outcome. */
  function firstOf(code: JudgedCase['code']): JudgedCase {
    for (let position = 0; ; position += 1) {
      const judged = judge(caseAt({ ...place, position }));
      if (judged.code === code && judged.record !== undefined) return judged;
    }
  }

  it('when TypeScript takes every signature', async () => {
    const lenient = { ...crypto, verifier: { verify: () => true } };
    const job = { lane: 'rules', seed: SEED, firstWorld: 0, records: 800 } as const;
    await assert.rejects(runLane(job, lenient), (error) => {
      assert.ok(error instanceof DisagreementError);
      assert.match(error.message, /^seed tests, world \d+, record \d+: /);
      assert.equal(judge(caseAt(error.place)).code, 'BAD_SIGNATURE');
      return true;
    });
  });

  /** The real circuit, in which every constraint holds. */
  function lenientCircuit(): SlotProver {
    const circuit = Object.create(calculators.circuit, { brokenRows: { value: () => [] } }) as Circuit;
    return { circuit, honest: (inputs) => calculators.honest(inputs), forge: (...lies) => calculators.forge(...lies) };
  }

  it('when the circuit accepts a lie', async () => {
    const comparison = new CircuitComparison(lenientCircuit(), SEED);
    await comparison.compare(firstOf('EXPIRED'), place);
    await assert.rejects(comparison.finish(), /record 0: the circuit accepts EXPIRED as if valid, way 1/);
  });

  it('when the circuit computes another state of a valid record', async () => {
    const prover = lenientCircuit();
    const wire = prover.circuit.wire('feesOut[0]');
    const honest: Calculate = async (inputs) =>
      (await prover.honest(inputs)).map((values) => values.with(wire, values[wire]! + 1n));
    const comparison = new CircuitComparison({ ...prover, honest }, SEED);
    await comparison.compare(firstOf('valid'), place);
    await assert.rejects(comparison.finish(), /record 0: feesOut of the circuit and of TypeScript/);
  });

  it('when Solidity names another rule', async () => {
    const executeStep = async () => ({
      result: 1n,
      state: { stateRoot: 0n, fees: [0n, 0n, 0n, 0n], visibleCount: 0n },
    });
    const comparison = new SolidityComparison({ executeStep } as unknown as StepContract);
    await comparison.compare(firstOf('RESERVED_KIND'));
    await assert.rejects(comparison.compare(firstOf('EXPIRED')), /Solidity/);
  });
});
