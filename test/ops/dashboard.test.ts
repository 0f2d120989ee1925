/** ops/grafana: a dashboard that Grafana imports, made by its generator. */

import { strict as assert } from 'node:assert';
import { createDashboard, DASHBOARD_FILE } from '../../scripts/generate/dashboard.ts';
import { readYaml } from '../support/ops/yaml.ts';
import { readDocument } from '../support/sources/markdown.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly datasource: { readonly uid: string };
  }[];
}

const dashboard = JSON.parse(readDocument(DASHBOARD_FILE)) as {
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
};

describe('ops/grafana/quittance.json', () => {
  it('is what its generator makes: node scripts/generate/dashboard.ts', () => {
    assert.deepEqual(dashboard, JSON.parse(JSON.stringify(createDashboard())));
  });

  it('takes its data from a data source that one chooses', () => {
    assert.ok(dashboard.templating.list.some(({ name, type }) => name === 'datasource' && type === 'datasource'));
    const uids = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ datasource }) => datasource.uid));
    assert.deepEqual([...new Set(uids)], ['$datasource']);
  });

  it('uses only variables that it has', () => {
    const known = new Set(dashboard.templating.list.map(({ name }) => name));
    for (const { title, targets = [] } of dashboard.panels) {
      for (const { expr } of targets) {
        for (const [, name] of expr.matchAll(/\$\{?(\w+)/g)) assert.ok(known.has(name!), `${title} uses $${name}`);
      }
    }
  });

  it('has panels of 24 columns that do not lie on each other, each with an id of its own and a word about it', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)]);
    const taken = new Set<string>();
    for (const { title, type, description, gridPos } of dashboard.panels) {
      assert.ok(gridPos.x + gridPos.w <= 24, title);
      if (type !== 'row') assert.ok((description ?? '').length > 3, title);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.ok(!taken.has(`${x}:${y}`), `${title} lies on another panel`);
          taken.add(`${x}:${y}`);
        }
      }
    }
  });

  it('is provisioned from where compose mounts it', () => {
    const { providers } = readYaml<{ providers: { options: { path: string } }[] }>(
      'ops/grafana/provisioning/dashboards/quittance.yml',
    );
    assert.ok(readDocument('ops/compose.yml').includes(`./grafana/quittance.json:${providers[0]!.options.path}/`));
    const { datasources } = readYaml<{ datasources: { url: string }[] }>(
      'ops/grafana/provisioning/datasources/prometheus.yml',
    );
    assert.equal(datasources[0]!.url, 'http://prometheus:9090');
  });
});
