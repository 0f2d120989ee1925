/** Writes ops/grafana/quittance.json, the dashboard, from scripts/generate/dashboard/panels.ts: node scripts/generate/dashboard.ts */

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type PanelSpec, ROWS } from './dashboard/panels.ts';

/** Where it is kept, from the root. */
export const DASHBOARD_FILE = 'ops/grafana/quittance.json';

const COLUMNS = 24;
const HEIGHTS = { stat: 4, timeseries: 8, table: 8 } as const;
/** Version of the JSON model. Source: Grafana 11.0. */
const SCHEMA_VERSION = 39;
const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const;

function thresholdsOf({ red, redBelow = false }: PanelSpec) {
  const step = (color: string, value: number | null) => ({ color, value });
  if (red === undefined) return { mode: 'absolute', steps: [step('green', null)] };
  const [low, high] = redBelow ? ['red', 'green'] : ['green', 'red'];
  return { mode: 'absolute', steps: [step(low, null), step(high, red)] };
}

function panelOf(spec: PanelSpec, id: number, gridPos: object) {
  const { title, about: description, kind: type, unit, queries } = spec;
  const color = { mode: type === 'stat' ? 'thresholds' : 'palette-classic' };
  const custom = type === 'timeseries' ? { custom: { fillOpacity: 8, showPoints: 'never', lineWidth: 1 } } : {};
  return {
    ...{ id, type, title, description, datasource: DATASOURCE, gridPos },
    fieldConfig: { defaults: { unit, color, thresholds: thresholdsOf(spec), ...custom }, overrides: [] },
    options:
      type === 'timeseries' ? { legend: { showLegend: true, placement: 'bottom' }, tooltip: { mode: 'multi' } } : {},
    targets: queries.map(({ expr, legend: legendFormat }, index) => ({
      ...{ refId: String.fromCharCode('A'.charCodeAt(0) + index), datasource: DATASOURCE, expr, legendFormat },
      ...(type === 'table' ? { format: 'table', instant: true } : {}),
    })),
  };
}

/** Places rows from top to bottom, panels from left to right. */
function panelsOf() {
  let id = 0;
  let y = 0;
  return ROWS.flatMap(({ title, panels }) => {
    const row = {
      id: ++id,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y: y++, w: COLUMNS, h: 1 },
    };
    let x = 0;
    const placed = panels.map((spec, index) => {
      const height = HEIGHTS[spec.kind];
      if (x + spec.width > COLUMNS) {
        x = 0;
        y += HEIGHTS[panels[index - 1]!.kind];
      }
      const panel = panelOf(spec, ++id, { x, y, w: spec.width, h: height });
      x += spec.width;
      return panel;
    });
    y += HEIGHTS[panels.at(-1)!.kind];
    return [row, ...placed];
  });
}

function instanceVariable(name: string, label: string, metric: string) {
  return {
    ...{ name, label, type: 'query', datasource: DATASOURCE, refresh: 2, includeAll: true, multi: true, sort: 1 },
    ...{
      query: { query: `label_values(${metric}, instance)`, refId: name },
      current: { text: ['All'], value: ['$__all'] },
    },
  };
}

/** The dashboard as Grafana imports it. */
export function createDashboard() {
  return {
    ...{
      title: 'Quittance',
      uid: 'quittance',
      schemaVersion: SCHEMA_VERSION,
      version: 1,
      editable: true,
      tags: ['quittance'],
    },
    description:
      'A rollup: its sequencer, its batches on L1, its watcher, and payment channels. Alerts: ops/prometheus/rules.yml.',
    ...{
      time: { from: 'now-6h', to: 'now' },
      refresh: '30s',
      timezone: 'browser',
      links: [],
      annotations: { list: [] },
    },
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', current: {}, hide: 0 },
        instanceVariable('sequencer', 'Sequencer', 'quittance_last_batch_number'),
        instanceVariable('watcher', 'Watcher', 'quittance_watch_l1_block_number'),
        instanceVariable('hub', 'Hub', 'quittance_hub_failed_count'),
        instanceVariable('tower', 'Tower', 'quittance_tower_alerts_total'),
      ],
    },
    panels: panelsOf(),
  };
}

/** The text of the file. */
export function dashboardText(): string {
  return `${JSON.stringify(createDashboard(), null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(DASHBOARD_FILE, dashboardText());
