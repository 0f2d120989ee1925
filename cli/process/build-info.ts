/** Which build runs, as a metric: dashboards show it, and an alert compares the processes of one operator. */

import type { Metrics } from '../../runtime/index.ts';
import { VERSION } from '../../sequencer/index.ts';

/** Adds `quittance_build_info`, always 1. @param role what the process is. @param mode of the sequencer or the watcher. */
export function addBuildInfo(metrics: Metrics, role: 'sequencer' | 'watcher' | 'hub' | 'tower', mode: string): void {
  const labels = { version: VERSION, node: process.version, role, mode };
  metrics
    .gauge('build_info', 'Version, Node, role and mode of this process; always 1', Object.keys(labels))
    .set(1, labels);
}
