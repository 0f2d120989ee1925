import { createTowerMeasurements } from '../../../channels/index.ts';
import { createHubMeasurements } from '../../../cli/hub/measurements.ts';
import type { Metrics } from '../../../runtime/index.ts';
import { createNodeGauges } from '../../../sequencer/cluster/gauges.ts';
import { createFleetMeasurements } from '../../../sequencer/fleet/measurements.ts';
import { createGauges } from '../../../sequencer/gauges.ts';
import { createMeasurements } from '../../../sequencer/measurements.ts';
import { createWatcherMeasurements } from '../../../watcher/monitoring/measurements.ts';
import { code, prose, sections, table } from './markdown.ts';

/** Writes down what is registered, under the names that Prometheus sees. */
function recorded(register: (metrics: Metrics) => unknown): string[][] {
  const rows: string[][] = [];
  const add = (kind: string) => (name: string, help: string, labels: readonly string[]) => {
    rows.push([code(`quittance_${name}`), kind, labels.map(code).join(', '), prose(help)]);
  };
  const [counter, gauge, histogram] = [add('counter'), add('gauge'), add('histogram')];
  register({
    counter(name, help, labels = []) {
      counter(name, help, labels);
      return { add: () => undefined };
    },
    gauge(name, help, labels = []) {
      gauge(name, help, labels);
      return { set: () => undefined, reset: () => undefined };
    },
    histogram(name, help, _buckets, labels = []) {
      histogram(name, help, labels);
      return { observe: () => undefined };
    },
    onPrint: () => undefined,
    print: async () => ({ contentType: '', text: '' }),
  } as Metrics);
  return rows;
}

const HEAD = ['metric', 'kind', 'labels', 'what'];

/** Those that are read at each print too. What they are read from is asked for at a print only. */
function registerSequencer(metrics: Metrics): void {
  createMeasurements(metrics);
  createNodeGauges(metrics, () => ({ role: 'leader', epoch: 0, head: 0, lag: 0 }), {
    leader: () => undefined,
    quorum: () => undefined,
  });
  createFleetMeasurements(metrics, {} as Parameters<typeof createFleetMeasurements>[1], () => 0);
  createGauges(metrics, { context: {}, parts: {}, status: () => ({}) } as unknown as Parameters<
    typeof createGauges
  >[1]);
}

/** The page on metrics. */
export function metricsPage(): string {
  return sections(
    '# Metrics',
    'In Prometheus’ text format at `/metrics`, beside those of Node.js itself. Names end in their unit. [How to monitor](../how-to/monitor.md) says which of them to look at.',
    '## Sequencer',
    table(HEAD, recorded(registerSequencer)),
    '## Watcher',
    table(HEAD, recorded(createWatcherMeasurements)),
    '## Hub',
    table(
      HEAD,
      recorded((metrics) => createHubMeasurements(metrics, () => undefined)),
    ),
    '## Tower',
    'Of `quittance channel watch`.',
    table(HEAD, recorded(createTowerMeasurements)),
  );
}
