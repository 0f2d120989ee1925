/** Settings of the server, with their defaults. Every one that bounds something is described in docs/how-to/run-a-sequencer.md. */

import type { AllowanceLimits } from './allowance.ts';
import { ANY_ORIGIN } from './cors.ts';
import { DEFAULT_WEBSOCKET_LIMITS, type WebSocketLimits } from './websocket.ts';

/** Settings of the server. */
export interface ApiConfig {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Addresses or networks of the proxies in front, whose word for the address of a client is taken. */
  readonly trustedProxies: readonly string[];
  /** Largest request body. */
  readonly bodyBytes: number;
  /** Most bytes of large bodies that are on their way, of all addresses and of one. */
  readonly largeBodies: { readonly totalBytes: number; readonly addressBytes: number };
  /** Most requests of a JSON-RPC batch. */
  readonly callsPerBatch: number;
  /** A request must have arrived completely after this long. */
  readonly requestTimeoutMs: number;
  /** A connection on which nothing moves for this long is closed. */
  readonly idleMs: number;
  /** Most open connections, of all addresses and of one; further ones are closed at once. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** What one address may ask for, by weight (`weights.ts`). */
  readonly allowance: AllowanceLimits;
  /** Requests are answered with 503 while the event loop lags by more than this. */
  readonly maxEventLoopDelayMs: number;
  /** Origins whose pages may call, `*` for all: wallets in browsers come from other origins. */
  readonly allowOrigins: readonly string[];
  /** Where /metrics listens, port 0 picks a free one; undefined: at the port of the API itself. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  readonly webSocket: WebSocketLimits;
}

/** Settings that have a default, which is all of them. */
export type ApiSettings = Partial<ApiConfig>;

export const DEFAULT_API_CONFIG: ApiConfig = {
  host: '127.0.0.1',
  port: 0,
  trustedProxies: [],
  bodyBytes: 1 << 20,
  largeBodies: { totalBytes: 256 << 20, addressBytes: 32 << 20 },
  callsPerBatch: 100,
  requestTimeoutMs: 15_000,
  idleMs: 60_000,
  connections: 10_000,
  connectionsPerAddress: 2_000,
  allowance: { max: 200_000, windowMs: 10_000 },
  maxEventLoopDelayMs: 5_000,
  allowOrigins: [ANY_ORIGIN],
  metrics: { host: '127.0.0.1', port: 0 },
  webSocket: DEFAULT_WEBSOCKET_LIMITS,
};
