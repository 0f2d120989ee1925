/** Measurements in Prometheus's text format. Each service has its own registry: nothing is global. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** A number that only grows. */
export interface CounterMetric {
  add(count?: number, labels?: Readonly<Record<string, string>>): void;
}

/** A number that is set; missing until then. */
export interface GaugeMetric {
  set(value: number, labels?: Readonly<Record<string, string>>): void;
  /** Forgets what was set, under all labels: what does not hold any more is shown as missing, not as its last value. */
  reset(): void;
}

/** A distribution of observed values. */
export interface HistogramMetric {
  observe(value: number, labels?: Readonly<Record<string, string>>): void;
}

/** Makes and prints metrics. Names end in their unit: `_seconds`, `_bytes`, `_wei`, `_total` for counts, `_info` for labels. */
export interface Metrics {
  counter(name: string, help: string, labelNames?: readonly string[]): CounterMetric;
  gauge(name: string, help: string, labelNames?: readonly string[]): GaugeMetric;
  histogram(name: string, help: string, buckets: readonly number[], labelNames?: readonly string[]): HistogramMetric;
  /**
   * Called before each print, to set what nobody needs to know in between: so a gauge costs nothing while the work goes on.
   * One that throws fails the print.
   */
  onPrint(update: () => void): void;
  /** All metrics in the text format, with its content type. @throws what an update throws. */
  print(): Promise<{ readonly contentType: string; readonly text: string }>;
}

const UNIT_SUFFIX = /_(seconds|bytes|wei|total|ratio|count|info|number)$/;

/** Every name says its unit; a name without one is a mistake of ours. */
function checkedName(prefix: string, name: string): string {
  if (!UNIT_SUFFIX.test(name)) throw new Error(`metric ${name} does not end in a unit`);
  return `${prefix}_${name}`;
}

/** Metrics in a registry of their own, all names prefixed by `prefix`; `withProcess` adds those of Node. */
export function createMetrics(prefix = 'quittance', withProcess = false): Metrics {
  const registry = new Registry();
  if (withProcess) collectDefaultMetrics({ register: registry });
  const updates: (() => void)[] = [];
  return {
    counter(name, help, labelNames = []) {
      const metric = new Counter({ name: checkedName(prefix, name), help, labelNames, registers: [registry] });
      return { add: (count = 1, labels = {}) => metric.inc(labels, count) };
    },
    gauge(name, help, labelNames = []) {
      const metric = new Gauge({ name: checkedName(prefix, name), help, labelNames, registers: [registry] });
      // One without labels begins with 0, which nobody measured.
      const reset = (): void => {
        metric.reset();
        if (labelNames.length === 0) metric.remove();
      };
      reset();
      return { set: (value, labels = {}) => metric.set(labels, value), reset };
    },
    histogram(name, help, buckets, labelNames = []) {
      const metric = new Histogram({
        name: checkedName(prefix, name),
        help,
        labelNames,
        buckets: [...buckets],
        registers: [registry],
      });
      return { observe: (value, labels = {}) => metric.observe(labels, value) };
    },
    onPrint: (update) => void updates.push(update),
    async print() {
      for (const update of updates) update();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
