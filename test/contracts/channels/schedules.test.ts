/**
 * The model of channels: whoever keeps the rules has what it is owed in every schedule, and the contracts do in each what the
 * model says. QUITTANCE_TEST_SEED plays others, with QUITTANCE_TEST_PATH one of them alone.
 */

import { strict as assert } from 'node:assert';
import { globSync, readFileSync } from 'node:fs';
import { FALSE_JUDGES, findHarm, RULES, replaySchedule, runSchedules } from '../../support/channels/model/index.ts';
import { propertySeed } from '../../support/property/random.ts';

const seed = propertySeed();
const path = process.env['QUITTANCE_TEST_PATH'];
/** Within which a fault has to be found. */
const MOST = 4_000;

describe(`schedules of channels (QUITTANCE_TEST_SEED=${seed})`, () => {
  it('come from a model that knows nothing of the rules in packages/protocol', () => {
    const files = globSync('test/support/channels/model/*.ts');
    assert.ok(files.length > 8);
    for (const file of files.filter((name) => !name.endsWith('/stage.ts'))) {
      assert.doesNotMatch(readFileSync(file, 'utf8'), /from '(?:@quittance|[./]*packages)/, file);
    }
  });

  it('harm nobody who keeps the rules, in the model', () => {
    assert.equal(findHarm(4_000, seed), undefined);
  });

  for (const broken of RULES) {
    it(`harm somebody without a rule: ${broken}`, () => {
      const found = findHarm(MOST, seed, { broken });
      assert.match(`${found?.wrongs.join()}`, /kept the rules and got|did not get the bond/);
    });
  }

  for (const [fault, judge] of Object.entries(FALSE_JUDGES)) {
    it(`harm somebody where L1 ${fault}`, () => {
      assert.notEqual(findHarm(MOST, seed, { judge }), undefined);
    });
  }

  it('are the same on the contracts, call by call', async function () {
    this.timeout(240_000);
    if (path !== undefined) return assert.deepEqual(await replaySchedule(`${seed}/${path}`), []);
    const { schedules, violations, failures } = await runSchedules(1_000, seed);
    assert.deepEqual(failures, []);
    assert.deepEqual([schedules, violations], [1_000, 0]);
  });

  it('are not the same on the contracts where the model has a fault', async () => {
    for (const [fault, judge] of Object.entries(FALSE_JUDGES)) {
      const { name } = findHarm(MOST, seed, { judge })!;
      assert.match((await replaySchedule(name, judge)).join(), /the model says|the credit of|gained|went where/, fault);
    }
  });
});
