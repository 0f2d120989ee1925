/** ops/prometheus: rules that Prometheus accepts, each with a case that raises it and one that does not. */

import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TOWER_ALERTS } from '../../channels/index.ts';
import { CLOSE_PHASES } from '../../channels/tower/table.ts';
import { ROWS } from '../../scripts/generate/dashboard/panels.ts';
import { ALERT_KINDS } from '../../watcher/monitoring/alerts.ts';
import { rulesOf } from '../support/ops/names.ts';
import { describeWith, runTool } from '../support/ops/tools.ts';
import { readYaml } from '../support/ops/yaml.ts';
import { readDocument } from '../support/sources/markdown.ts';

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Case {
  readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
}

const FOLDER = fileURLToPath(new URL('../../ops/prometheus/', import.meta.url));
const { groups } = readYaml<{ groups: { rules: Rule[] }[] }>('ops/prometheus/rules.yml');
const alerts = groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== undefined);

/** Labels whose values are ours, by the metrics that have them. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'quittance_watch_alerts_total kind': ALERT_KINDS,
  'quittance:tower_alerts:raised1h kind': TOWER_ALERTS,
  'quittance_tower_channels_count phase': CLOSE_PHASES,
};
/** Kinds that no rule names, and why. */
const WITHOUT_RULE: Readonly<Partial<Record<(typeof TOWER_ALERTS)[number], string>>> = {
  closing: 'nothing is to be done',
  oldState: 'QuittanceOldStateStands, while it does',
  challenged: 'good news',
  settled: 'good news',
  paidOut: 'good news',
  badState: 'QuittanceTowerProblems, while there are any',
  staleHead: 'QuittanceTowerHeadOld, while it is',
  l1Away: 'QuittanceTowerBlind, while it is',
};

/** The values of labels that a rule asks for, with the metric and the label. */
const askedIn = (expression: string): { readonly of: string; readonly values: readonly string[] }[] =>
  [...expression.matchAll(/([\w:]+)\{([^}]*)\}/g)].flatMap(([, metric, matchers]) =>
    [...matchers!.matchAll(/(\w+)=~?"([^"]*)"/g)].map(([, label, text]) => ({
      of: `${metric} ${label}`,
      values: text!.split('|'),
    })),
  );

/** A heading as GitHub and vitepress link to it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(/\s+/g, '-');

describe('ops/prometheus/rules.yml', () => {
  it('says of each alert how urgent it is, what happened, and which page tells what to do', () => {
    assert.ok(alerts.length >= 20);
    for (const { alert, labels, annotations } of alerts) {
      assert.ok(['critical', 'warning'].includes(labels?.['severity'] ?? ''), alert);
      assert.match(annotations?.['summary'] ?? '', /\.$/, alert);
      const [page, anchor] = annotations!['runbook']!.split('#');
      const headings = [...readDocument(page!).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));
      if (anchor !== undefined) assert.ok(headings.includes(anchor), `${alert}: ${page} has no heading ${anchor}`);
    }
  });

  it('asks for values of labels that exist', () => {
    const asked = rulesOf().flatMap(({ expression }) => askedIn(expression));
    for (const [of, known] of Object.entries(VALUES)) {
      const values = asked.filter((one) => one.of === of).flatMap((one) => one.values);
      assert.ok(values.length > 0, of);
      assert.deepEqual(
        values.filter((value) => !known.includes(value)),
        [],
        of,
      );
    }
  });

  it('names each kind of alert of a tower, but those for which another one is raised, or nobody has to come', () => {
    const named = rulesOf()
      .flatMap(({ expression }) => askedIn(expression))
      .filter(({ of }) => of === 'quittance:tower_alerts:raised1h kind')
      .flatMap(({ values }) => values);
    assert.deepEqual([...named, ...Object.keys(WITHOUT_RULE)].toSorted(), [...TOWER_ALERTS].toSorted());
    for (const why of Object.values(WITHOUT_RULE)) {
      const [rule] = /^Quittance\w+/.exec(why) ?? [];
      if (rule !== undefined)
        assert.ok(
          alerts.some(({ alert }) => alert === rule),
          rule,
        );
    }
  });

  it('has for each alert a case that raises it and one that does not', () => {
    const { tests } = readYaml<{ tests: Case[] }>('ops/prometheus/rules.test.yml');
    const cases = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
    for (const { alert } of alerts) {
      const own = cases.filter(({ alertname }) => alertname === alert).map(({ exp_alerts }) => exp_alerts.length > 0);
      assert.ok(own.includes(true) && own.includes(false), alert);
    }
  });
});

describeWith('promtool', 'promtool on ops/prometheus', () => {
  it('reads every expression of the dashboard', () => {
    const folder = mkdtempSync(join(tmpdir(), 'quittance-panels-'));
    try {
      const expressions = ROWS.flatMap(({ panels }) => panels).flatMap(({ queries }) =>
        queries.map(({ expr }) => expr),
      );
      const rules = expressions.map((expr, index) => ({
        record: `panel:${index}`,
        expr: expr.replaceAll(/\$(?:sequencer|watcher|hub|tower)/g, '.+'),
      }));
      writeFileSync(join(folder, 'panels.yml'), JSON.stringify({ groups: [{ name: 'panels', rules }] }));
      const { code, text } = runTool('promtool', ['check', 'rules', 'panels.yml'], folder);
      assert.equal(code, 0, text);
      assert.match(text, new RegExp(`SUCCESS: ${rules.length} rules found`));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  for (const args of [
    ['check', 'rules', 'rules.yml'],
    ['check', 'config', 'prometheus.yml'],
    ['test', 'rules', 'rules.test.yml'],
  ]) {
    it(`finds nothing wrong: promtool ${args.join(' ')}`, () => {
      const { code, text } = runTool('promtool', args, FOLDER);
      assert.equal(code, 0, text);
      assert.match(text, /SUCCESS/);
    });
  }
});
