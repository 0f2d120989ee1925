/** ops/prometheus: rules that Prometheus accepts, each with a case that raises it and one that does not. */

import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROWS } from '../../scripts/generate/dashboard/panels.ts';
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
        expr: expr.replaceAll(/\$(?:sequencer|watcher)/g, '.+'),
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
