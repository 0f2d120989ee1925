/** Interfaces of the running process and their implementations: time, logs, metrics, retries, queues. */

export { type Clock, sleepBy, systemClock, type Timer, unixSeconds } from './clock.ts';
export { type Listening, listen } from './listening.ts';
export {
  createLogger,
  LOG_FORMATS,
  type LogFormat,
  type Logger,
  silentLogger,
} from './logger.ts';
export { createLoop, type Loop } from './loop.ts';
export {
  type CounterMetric,
  createMetrics,
  type GaugeMetric,
  type HistogramMetric,
  type Metrics,
} from './metrics.ts';
export { type Readiness, startMetricsServer } from './metrics-server.ts';
export { printable } from './printable.ts';
export { REDACTED, redact } from './redact.ts';
export { retry, retryDelayMs } from './retry.ts';
export { createSlices } from './slices.ts';
export { createTaskQueue, type TaskQueue } from './task-queue.ts';
export { keepAlive } from './websocket/keep-alive.ts';
export { endUnfinished } from './websocket/unfinished.ts';
