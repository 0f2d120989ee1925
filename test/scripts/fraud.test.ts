import { strict as assert } from 'node:assert';
import { type FraudResult, failuresOf } from '../../scripts/bench/parts/fraud-result.ts';
import { fraudSection } from '../../scripts/generate/performance/fraud.ts';

const OVERTURNED = {
  overturned: true,
  polls: 1,
  pollsToRejection: 3,
  rule: 'BAD_SIGNATURE',
  transactions: 5,
  gas: 1_000_000,
};
const RESULT: FraudResult = {
  lies: Object.fromEntries(Array.from({ length: 10 }, (_, number) => [`lie ${number}`, OVERTURNED])),
  refusedAtAssertion: { 'a reserved kind': { expected: 'ReservedKind', error: 'ReservedKind' } },
  honestBatches: 11,
  honestHarmed: 0,
  griefing: {
    disputes: 50,
    delaySeconds: 7_181,
    boundSeconds: 7_200,
    promptDelaySeconds: 5_402,
    isFinal: true,
    grieferBondWei: 2e16,
    grieferGas: 103_000,
    honestGas: 105_000,
    honestRewardWei: 1e16,
    stepErrors: ['NoFraud', 'NoFraud', 'NoFraud', 'WrongStateBefore'],
    tooLate: 'TooLate',
  },
  replay: { transfers: 1_000, nativeSeconds: 1.4, portableSeconds: 11, isRight: true },
  seconds: 100,
};
const MACHINE = { cpu: 'CPU', cores: 2, memoryBytes: 2 ** 34, ifma: true, node: 'v24', load: 0, date: '2026-11-21' };

describe('the result of the fraud bench', () => {
  const { lies, griefing, replay } = RESULT;
  const withLie = (changes: Partial<typeof OVERTURNED>) => ({ lies: { ...lies, it: { ...OVERTURNED, ...changes } } });

  it('passes when everything is as it has to be', () => {
    assert.deepEqual(failuresOf(RESULT), []);
    assert.deepEqual(failuresOf({ ...RESULT, ...withLie({ polls: 2 }) }), []);
  });

  const cases: Readonly<Record<string, readonly [changes: Partial<FraudResult>, failure: RegExp]>> = {
    'a lie that stands': [withLie({ overturned: false }), /^it: not overturned$/],
    'a lie that is seen at the third look': [withLie({ polls: 3 }), /^it: seen at look 3, not within 2$/],
    'a lie that is never seen': [withLie({ polls: 0 }), /^it: seen at look 0/],
    'too few lies': [{ lies: { it: OVERTURNED } }, /^only 1 lies were told$/],
    'an assertion that L1 takes': [
      { refusedAtAssertion: { it: { expected: 'ReservedKind', error: undefined } } },
      /^it: L1 said nothing, expected ReservedKind$/,
    ],
    'an honest batch that is harmed': [{ honestHarmed: 1 }, /^1 honest batches were harmed$/],
    'a delay beyond the bound': [{ griefing: { ...griefing, delaySeconds: 7_201 } }, /by 7201 s, more than 7200 s$/],
    'an honest batch that is not final': [{ griefing: { ...griefing, isFinal: false } }, /^false disputes delayed/],
    'a right step that counts as fraud': [
      { griefing: { ...griefing, stepErrors: griefing.stepErrors.with(1, undefined) } },
      /^proofs of right steps/,
    ],
    'a dispute after the period': [{ griefing: { ...griefing, tooLate: undefined } }, /^a dispute after the period/],
    'a right replay that is called wrong': [{ replay: { ...replay, isRight: false } }, /^an honest batch of 1,000/],
  };
  for (const [name, [changes, failure]] of Object.entries(cases)) {
    it(`fails by ${name}`, () => {
      const failures = failuresOf({ ...RESULT, ...changes });
      assert.equal(failures.length, 1);
      assert.match(failures[0]!, failure);
    });
  }

  it('goes to docs/performance.md with the machine', () => {
    const section = fraudSection({ machine: MACHINE, result: RESULT });
    for (const part of ['10 kinds of lie', 'load 0', '| 7,181 |', '0.02 ETH', '1.4 s natively', '11.0 s portably']) {
      assert.ok(section.includes(part), part);
    }
    assert.equal(fraudSection(undefined), '');
  });
});
