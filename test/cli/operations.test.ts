import { strict as assert } from 'node:assert';
import { COMMANDS } from '../../cli/commands.ts';
import { flagOf } from '../../cli/config/setting.ts';
import { COMMON } from '../../cli/config/settings.ts';
import { OPTIMISTIC_PARAMETERS, PARAMETERS } from '../../cli/deploy/parameters.ts';
import { createMetrics } from '../../runtime/index.ts';
import { createMeasurements } from '../../sequencer/measurements.ts';
import { readDocument, sectionOf, tablesOf } from '../support/sources/markdown.ts';

const document = readDocument('docs/operations.md');

/** The words of each `./dev quittance …` line in the code blocks, comments left out. */
const lines = [...document.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block]) => block!.split('\n'))
  .filter((line) => line.startsWith('./dev quittance '))
  .map((line) => line.replace(/\s+#.*$/, '').replace('./dev quittance ', ''));

describe('docs/operations.md', () => {
  it('names commands and flags that exist, with all that they need but what it says is set', () => {
    assert.ok(lines.length > 15);
    const set = new Set(['l1Url', 'contract', 'fromBlock']);
    for (const line of lines) {
      const command = COMMANDS.find(({ name }) => line === name || line.startsWith(`${name} `));
      if (line === 'config print') continue;
      assert.ok(command !== undefined, line);
      const settings = { ...command.settings, ...COMMON };
      const given = new Set(line.match(/--[a-z0-9-]+/g) ?? []);
      const known = new Set(Object.keys(settings).map(flagOf));
      assert.deepEqual(
        [...given].filter((flag) => !known.has(flag)),
        [],
        line,
      );
      const missing = Object.entries(settings).filter(
        ([key, { presence }]) => presence.required && !set.has(key) && !given.has(flagOf(key)),
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
    const explained = tablesOf(sectionOf(document, 'Deploy'))
      .flat()
      .map(([name]) => name);
    for (const key of Object.keys({ ...PARAMETERS, ...OPTIMISTIC_PARAMETERS }))
      assert.ok(explained.includes(flagOf(key)), key);
  });

  it('names metrics that exist', async () => {
    const metrics = createMetrics();
    createMeasurements(metrics);
    const { text } = await metrics.print();
    const named = tablesOf(sectionOf(document, 'Metrics'))[0]!.flatMap(([cell]) => cell!.match(/quittance_\w+/g) ?? []);
    assert.ok(named.length > 5);
    for (const name of named) assert.ok(text.includes(`# TYPE ${name} `), name);
  });
});
