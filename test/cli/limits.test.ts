import { strict as assert } from 'node:assert';
import { PROFILES } from '@quittance/protocol';
import { flagOf } from '../../cli/config/setting.ts';
import { apiSettingsOf, gapLimitsOf, LIMIT_SETTINGS } from '../../cli/sequencer/limits.ts';
import { SEQUENCER_SETTINGS } from '../../cli/sequencer/settings.ts';
import { DEFAULT_API_CONFIG } from '../../sequencer/api/config.ts';
import { createSequencerConfig } from '../../sequencer/index.ts';
import { readDocument, sectionOf, tablesOf } from '../support/sources/markdown.ts';

/** The values that stand for missing settings. */
function defaults() {
  const entries = Object.entries(LIMIT_SETTINGS).map(([key, { presence }]) => {
    assert.ok(!presence.required, key);
    return [key, presence.fallback];
  });
  return Object.fromEntries(entries) as Parameters<typeof apiSettingsOf>[0];
}

describe('CLI: limits of the JSON-RPC', () => {
  it('are by default those of the server and the sequencer', () => {
    const values = defaults();
    const settings = apiSettingsOf(values);
    for (const [name, value] of Object.entries(settings)) {
      assert.deepEqual(value, DEFAULT_API_CONFIG[name as keyof typeof settings], name);
    }
    const { maxIntake, gaps } = createSequencerConfig({
      profile: PROFILES.quick,
      operator: { keyY: 1n, owner: 1n },
      feeTokens: [],
    });
    assert.equal(values.maxIntake, maxIntake);
    assert.deepEqual(gapLimitsOf(values), gaps);
  });

  it('stand in docs/how-to/run-a-sequencer.md with their defaults, all of them', () => {
    const [rows] = tablesOf(sectionOf(readDocument('docs/how-to/run-a-sequencer.md'), 'Limits')) as [string[][]];
    const said = new Map(rows.map(([flag, value]) => [flag, value]));
    for (const [key, value] of Object.entries(defaults())) {
      assert.equal(said.get(flagOf(key)), Array.isArray(value) ? 'none' : String(value), key);
    }
    for (const flag of said.keys()) {
      assert.ok(
        Object.keys(SEQUENCER_SETTINGS).some((key) => flagOf(key) === flag),
        flag,
      );
    }
  });
});
