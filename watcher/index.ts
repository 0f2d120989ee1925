/** Watches a rollup from L1 alone: replays what waits, and disputes, answers and proves. */

export { IN_MEMORY } from '../storage/index.ts';
export type { CheckEndpoint } from './dispute/guard.ts';
export { WATCH_MODES } from './dispute/modes.ts';
export type { ChunkCase, DisputeCase } from './dispute/situation.ts';
export { type Earnings, earningsOf } from './earnings.ts';
export { type Forecast, forecast } from './forecast.ts';
export { createReadiness } from './monitoring/readiness.ts';
export { createWebhook } from './monitoring/webhook.ts';
export type { Watcher, WatcherOptions } from './options.ts';
export { hasLie, type ReportedBatch, type WatchReport } from './report.ts';
export { openWatcherStore, type WatcherStore } from './store/store.ts';
export { createWatcher } from './watcher.ts';
