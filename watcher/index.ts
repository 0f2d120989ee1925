/** Watches a rollup from L1 alone: replays what waits, and disputes, answers and proves. */

export { IN_MEMORY } from '../storage/index.ts';
export { CHUNK_PHASES, type ChunkPhase } from './dispute/chunk-table.ts';
export type { TaskResult } from './dispute/decisions.ts';
export type { CheckEndpoint } from './dispute/guard.ts';
export { WATCH_MODES, type WatchMode } from './dispute/modes.ts';
export type { ChunkCase, DisputeCase } from './dispute/situation.ts';
export { type Forecast, type ForecastLine, forecast } from './forecast.ts';
export type { Alert, AlertKind } from './monitoring/alerts.ts';
export { type MetricsServer, startMetricsServer } from './monitoring/metrics-server.ts';
export { createWebhook } from './monitoring/webhook.ts';
export type { Watcher, WatcherOptions } from './options.ts';
export { VERDICTS, type Verdict } from './replay/verdict.ts';
export { hasLie, type ReportedAction, type ReportedBatch, type ReportedFault, type WatchReport } from './report.ts';
export { openWatcherStore, type WatcherStore } from './store/store.ts';
export { createWatcher } from './watcher.ts';
