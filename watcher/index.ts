/** Watches a rollup from L1 alone: replays what waits, and disputes, answers and proves. */

export type { Alert, AlertKind } from './alerts.ts';
export type { TaskResult } from './dispute/actor.ts';
export { CHUNK_PHASES, type ChunkPhase, VERDICTS, type Verdict } from './dispute/chunk-table.ts';
export type { ChunkCase, DisputeCase } from './dispute/situation.ts';
export { type Forecast, type ForecastLine, forecast } from './forecast.ts';
export type { CheckEndpoint } from './guard.ts';
export { type MetricsServer, startMetricsServer } from './metrics-server.ts';
export { WATCH_MODES, type WatchMode } from './modes.ts';
export type { Watcher, WatcherOptions } from './options.ts';
export { hasLie, type ReportedAction, type ReportedBatch, type ReportedFault, type WatchReport } from './report.ts';
export { IN_MEMORY, openWatcherStore, type WatcherStore } from './store/store.ts';
export { createWatcher } from './watcher.ts';
export { createWebhook } from './webhook.ts';
