/** Subscriptions over the sequencer's WebSocket: the platform's own, in browsers and in Node. */

import { RollupError } from '@quittance/protocol';
import type { RpcErrorJson } from '@quittance/rpc';
import { toRollupError } from '../client.ts';
import type { Clock } from './time.ts';

/** The connection, and each answer to a subscription, come within this, or not at all. */
const ANSWER_MS = 10_000;

/** Events that may come before the answer that names their subscription: no sequencer has so much to say in between. */
const MOST_EARLY = 10_000;

/** The WebSocket of the sequencer at `rpcUrl`. */
function socketUrl(rpcUrl: string): string {
  const url = new URL(rpcUrl);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/ws`;
  return url.href;
}

/** An open connection. */
export interface Subscriber {
  /** Subscribes; `onEvent` is told of each event. @throws RollupError as the server refuses it, or RPC_UNREACHABLE, also when it says nothing. */
  subscribe(params: object, onEvent: (event: unknown) => void): Promise<void>;
  /** Resolves when the connection has ended, for whatever reason. */
  readonly ended: Promise<void>;
  close(): void;
}

/** An answer or an event, as it came. */
interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: RpcErrorJson;
  readonly params?: { readonly subscription: string; readonly result: unknown };
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const unreachable = (url: string) =>
  new RollupError('RPC_UNREACHABLE', `the connection to ${url} was not made, or has ended`, { url });

/** Answers to requests and events of subscriptions, by what they belong to. Events may come before the answer that names them. */
function createRouter() {
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<string, (event: unknown) => void>();
  const early = new Map<string, unknown[]>();
  let earlyCount = 0;
  const keep = (subscription: string, event: unknown): void => {
    earlyCount += 1;
    if (earlyCount > MOST_EARLY) throw new RangeError(`more than ${MOST_EARLY} events of no known subscription`);
    const events = early.get(subscription) ?? [];
    events.push(event);
    early.set(subscription, events);
  };
  return {
    waiting,
    listen(subscription: string, onEvent: (event: unknown) => void): void {
      listeners.set(subscription, onEvent);
      const events = early.get(subscription) ?? [];
      early.delete(subscription);
      earlyCount -= events.length;
      for (const event of events) onEvent(event);
    },
    route({ id, result, error, params }: Message): void {
      if (params !== undefined) {
        const listener = listeners.get(params.subscription);
        if (listener !== undefined) listener(params.result);
        else keep(params.subscription, params.result);
        return;
      }
      const asked = waiting.get(id ?? -1);
      waiting.delete(id ?? -1);
      if (error === undefined) asked?.resolve(result);
      else asked?.reject(toRollupError(error));
    },
  };
}

/** Rejects if `promise` takes longer. @param late what it is rejected with. */
function within<T>(promise: Promise<T>, clock: Clock, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(ANSWER_MS, () => reject(late()));
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}

/** A connection that ends once: when either side closes it, when nothing answers in time, or when it is aborted. */
function connectTo(url: string, signal: AbortSignal) {
  const socket = new WebSocket(url);
  const router = createRouter();
  const ended = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const state = { hasEnded: false };
  // Nothing here waits for the other side: of one that is gone the platform may tell much later, or never.
  const end = (): Error => {
    state.hasEnded = true;
    signal.removeEventListener('abort', end);
    socket.close();
    const error = signal.aborted ? (signal.reason as Error) : unreachable(url);
    opened.reject(error);
    for (const { reject } of router.waiting.values()) reject(error);
    router.waiting.clear();
    ended.resolve();
    return error;
  };
  signal.addEventListener('abort', end, { once: true });
  socket.addEventListener('open', () => opened.resolve());
  socket.addEventListener('message', ({ data }) => {
    if (state.hasEnded) return;
    try {
      router.route(JSON.parse(String(data)) as Message);
    } catch {
      end(); // no JSON-RPC, or events without end: that comes from somebody else than a sequencer
    }
  });
  socket.addEventListener('error', end);
  socket.addEventListener('close', end);
  return { socket, router, state, end, opened: opened.promise, ended: ended.promise };
}

/**
 * Connects.
 *
 * @throws RollupError RPC_UNREACHABLE when no connection is made in time, or there is no WebSocket here; or the signal's reason.
 */
export async function openSocket(rpcUrl: string, clock: Clock, signal: AbortSignal): Promise<Subscriber> {
  const url = socketUrl(rpcUrl);
  if (typeof WebSocket === 'undefined') throw unreachable(url);
  signal.throwIfAborted();
  const { socket, router, state, end, opened, ended } = connectTo(url, signal);
  await within(opened, clock, end);
  let nextId = 1;
  return {
    ended,
    close: end,
    async subscribe(params, onEvent) {
      if (state.hasEnded) throw unreachable(url);
      const id = nextId++;
      const answer = new Promise<unknown>((resolve, reject) => router.waiting.set(id, { resolve, reject }));
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'rollup_subscribe', params }));
      router.listen(String(await within(answer, clock, end)), onEvent);
    },
  };
}
