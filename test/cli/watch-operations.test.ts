import { strict as assert } from 'node:assert';
import { createMetrics } from '../../runtime/index.ts';
import { WATCH_MODES } from '../../watcher/index.ts';
import { ALERT_KINDS } from '../../watcher/monitoring/alerts.ts';
import { createWatcherMeasurements } from '../../watcher/monitoring/measurements.ts';
import { readDocument, sectionOf, tablesOf } from '../support/sources/markdown.ts';

const document = readDocument('docs/how-to/run-a-watcher.md');

describe('docs/how-to/run-a-watcher.md', () => {
  it('explains every mode', () => {
    const modes = tablesOf(document)[0]!.map(([mode]) => mode);
    assert.deepEqual(modes, WATCH_MODES);
  });

  it('explains every kind of alert', () => {
    assert.deepEqual(
      tablesOf(sectionOf(document, 'Alerts'))[0]!.map(([kind]) => kind),
      ALERT_KINDS,
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
