import { strict as assert } from 'node:assert';
import { readdirSync } from 'node:fs';
import { COMMANDS } from '../../cli/commands.ts';
import { environmentNameOf, flagOf } from '../../cli/config/setting.ts';
import { COMMON } from '../../cli/config/settings.ts';
import { OPTIMISTIC_PARAMETERS, PARAMETERS } from '../../cli/deploy/parameters.ts';
import { addBuildInfo } from '../../cli/process/build-info.ts';
import { createNodeGauges } from '../../sequencer/index.ts';
import { createHarness } from '../support/sequencer/harness.ts';
import { readDocument, sectionOf, tablesOf } from '../support/sources/markdown.ts';

const FOLDER = new URL('../../docs/how-to/', import.meta.url);
const pages = readdirSync(FOLDER).filter((name) => name.endsWith('.md'));
const textOf = (page: string) => readDocument(`docs/how-to/${page}`);

/** Variables that a page has its reader set before anything else. */
const setBy = (page: string): string[] =>
  [...textOf(page).matchAll(/\bset ((?:`QUITTANCE_[A-Z0-9_]+`(?:, | and )?)+)/g)].flatMap(([, names]) =>
    [...names!.matchAll(/QUITTANCE_[A-Z0-9_]+/g)].map(([name]) => name),
  );

/** The words of each `quittance …` line in the code blocks, comments left out, and what its page sets. */
const lines = pages.flatMap((page) =>
  [...textOf(page).matchAll(/```sh[^\n]*\n([\s\S]*?)```/g)]
    // A line goes on behind a backslash.
    .flatMap(([, block]) => block!.replaceAll(/\\\n\s*/g, ' ').split('\n'))
    .filter((line) => line.startsWith('quittance '))
    .map((line) => ({ line: line.replace(/\s+#.*$/, '').replace('quittance ', ''), variables: setBy(page) })),
);

describe('docs/how-to', () => {
  it('names commands and flags that exist, with all that they need but what it says is set', () => {
    assert.ok(lines.length > 40, `${lines.length} lines`);
    const set = new Set(['l1Url', 'contract', 'fromBlock']);
    for (const { line, variables } of lines) {
      const command = COMMANDS.find(({ name }) => line === name || line.startsWith(`${name} `));
      if (line === 'config print') continue;
      assert.ok(command !== undefined, line);
      const settings = { ...command.settings, ...COMMON };
      const given = new Set(line.match(/--[a-z0-9-]+/g) ?? []);
      const known = new Set([...Object.keys(settings).map(flagOf), '--config']);
      assert.deepEqual(
        [...given].filter((flag) => !known.has(flag)),
        [],
        line,
      );
      const missing = Object.entries(settings).filter(
        ([key, { presence }]) =>
          presence.required && !set.has(key) && !variables.includes(environmentNameOf(key)) && !given.has(flagOf(key)),
      );
      assert.deepEqual(
        missing.map(([key]) => key),
        [],
        line,
      );
    }
  });

  it('has one meaning for each setting: a config file is for all commands', () => {
    const placeholders = new Map<string, string | undefined>();
    for (const { name, settings } of COMMANDS) {
      for (const [key, { placeholder, name: ownName }] of Object.entries(settings)) {
        const inFile = ownName ?? key;
        if (!placeholders.has(inFile)) placeholders.set(inFile, placeholder);
        assert.equal(placeholder, placeholders.get(inFile), `${inFile} of ${name}`);
      }
    }
  });

  it('explains every parameter of a deployment', () => {
    const explained = tablesOf(textOf('deploy.md'))
      .flat()
      .map(([name]) => name);
    for (const key of Object.keys({ ...PARAMETERS, ...OPTIMISTIC_PARAMETERS }))
      assert.ok(explained.includes(flagOf(key)), key);
  });

  it('names metrics that exist', async () => {
    const harness = await createHarness({ withFeeAccounts: false });
    const { metrics } = harness.sequencer;
    addBuildInfo(metrics, 'sequencer', 'zk');
    // Of one node among several, too.
    const node = { role: 'leader', epoch: 1, head: 0, lag: 0 } as const;
    createNodeGauges(metrics, () => node, { leader: () => undefined, quorum: () => undefined });
    const { text } = await metrics.print();
    await harness.close();
    const rows = tablesOf(sectionOf(textOf('monitor.md'), 'Metrics'))[0]!;
    const named = rows.flatMap(([cell]) => cell!.match(/quittance_\w+/g) ?? []);
    assert.ok(named.length > 20);
    for (const name of named) assert.ok(text.includes(`# TYPE ${name} `), name);
  });
});
