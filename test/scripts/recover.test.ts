import { strict as assert } from 'node:assert';
import { failuresOf, type RecoverResult } from '../../scripts/bench/parts/recover/result.ts';
import { RECOVERED } from '../support/process/recovered.ts';

describe('the result of the recovery bench', () => {
  it('passes when everything is as it has to be', () => {
    assert.deepEqual(failuresOf(RECOVERED), []);
  });

  const { fromL1, fromCopy, fromJournal } = RECOVERED;
  const cases: Readonly<Record<string, readonly [changes: Partial<RecoverResult>, failure: RegExp]>> = {
    'another state': [{ fromL1: { ...fromL1, rootsEqual: false } }, /^from L1: the state is not the one on L1$/],
    'a sequencer that stands': [{ fromCopy: { ...fromCopy, goesOn: false } }, /^from a copy: no further batch/],
    'a transfer that is executed twice': [
      { fromL1: { ...fromL1, executedAgain: 1 } },
      /1 executed transfers were taken/,
    ],
    'a transfer that is not taken again': [
      { fromL1: { ...fromL1, unknownTaken: 19 } },
      /^from L1: 1 transfers were not/,
    ],
    'a run that began anew': [{ fromL1: { ...fromL1, resumed: false } }, /did not go on where/],
    'a false word of what is known': [{ fromL1: { ...fromL1, knownThroughBatch: 99 } }, /up to batch 99, L1 has 100$/],
    'an acknowledged transfer that is lost': [
      { fromJournal: { ...fromJournal, lost: 2 } },
      /^from the journal: 2 acknowledged transfers are lost$/,
    ],
    'one that is in the journal twice': [
      { fromJournal: { ...fromJournal, doubled: 1 } },
      /^from the journal: 1 transfers/,
    ],
    'another header than that of the journal': [
      { fromJournal: { ...fromJournal, headersEqual: false } },
      /other headers$/,
    ],
    'a node that stands': [{ fromJournal: { ...fromJournal, goesOn: false } }, /^from the journal: no further batch/],
    'a copy that lacked nothing': [{ fromCopy: { ...fromCopy, adopted: 0 } }, /nothing was shown$/],
  };
  for (const [what, [changes, failure]] of Object.entries(cases)) {
    it(`fails for ${what}`, () => {
      const failures = failuresOf({ ...RECOVERED, ...changes });
      assert.equal(failures.length, 1);
      assert.match(failures[0]!, failure);
    });
  }
});
