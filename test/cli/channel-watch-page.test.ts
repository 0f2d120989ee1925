/** docs/how-to/watch-channels.md says what there is. */

import { strict as assert } from 'node:assert';
import { TOWER_ALERTS } from '../../channels/index.ts';
import { ALL_COMMANDS } from '../../cli/commands.ts';
import { flagOf } from '../../cli/config/setting.ts';
import { readDocument, sectionOf, tablesOf } from '../support/sources/markdown.ts';

const page = readDocument('docs/how-to/watch-channels.md');
/** Flags of systemctl and journalctl. */
const OTHERS = ['now', 'unit', 'output'];

describe('docs/how-to/watch-channels.md', () => {
  it('has each kind of alert', () => {
    const [table] = tablesOf(sectionOf(page, 'Alerts'));
    assert.deepEqual(
      table!.map(([kind]) => kind),
      TOWER_ALERTS,
    );
  });

  it('names no flag that the command does not have', () => {
    const { settings } = ALL_COMMANDS.find(({ name }) => name === 'channel watch')!;
    const known = new Set([...Object.keys(settings), 'json', 'export', 'owner', ...OTHERS].map(flagOf));
    const named = page.match(/--[a-z][a-z0-9-]+/g) ?? [];
    assert.ok(named.length > 15);
    assert.deepEqual(
      named.filter((flag) => !known.has(flag)),
      [],
    );
  });
});
