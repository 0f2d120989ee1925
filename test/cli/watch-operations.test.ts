import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { createMetrics } from '../../runtime/index.ts';
import { WATCH_MODES } from '../../watcher/index.ts';
import { createWatcherMeasurements } from '../../watcher/monitoring/measurements.ts';
import { readDocument, sectionOf, tablesOf } from '../support/sources/markdown.ts';

const document = readDocument('docs/operations.md');

describe('docs/operations.md: watching', () => {
  it('explains every mode', () => {
    const modes = tablesOf(sectionOf(document, 'Watch'))[0]!.map(([mode]) => mode);
    assert.deepEqual(modes, WATCH_MODES);
  });

  it('explains every kind of alert', () => {
    const source = readFileSync(new URL('../../watcher/monitoring/alerts.ts', import.meta.url), 'utf8');
    const union = /export type AlertKind =([^;]+);/.exec(source)![1]!;
    const kinds = [...union.matchAll(/'(\w+)'/g)].map(([, kind]) => kind);
    assert.ok(kinds.length > 5);
    assert.deepEqual(
      tablesOf(sectionOf(document, 'Alerts'))[0]!.map(([kind]) => kind),
      kinds,
    );
  });

  it('names every metric, and none that does not exist', async () => {
    const metrics = createMetrics();
    createWatcherMeasurements(metrics);
    const { text } = await metrics.print();
    const existing = [...text.matchAll(/^# TYPE (quittance_\w+) /gm)].map(([, name]) => name!);
    const rows = tablesOf(sectionOf(document, 'Metrics of a watcher'))[0]!;
    const named = rows.flatMap(([cell]) => cell!.match(/quittance_\w+/g) ?? []);
    assert.deepEqual(named.toSorted(), existing.toSorted());
  });
});
