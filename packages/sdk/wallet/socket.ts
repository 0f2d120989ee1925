/** Subscriptions over the sequencer's WebSocket: the platform's own, in browsers and in Node. */

import { RollupError } from '@quittance/protocol';
import type { RpcErrorJson } from '@quittance/rpc';
import { toRollupError } from '../client.ts';

/** The WebSocket of the sequencer at `rpcUrl`. */
function socketUrl(rpcUrl: string): string {
  const url = new URL(rpcUrl);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/ws`;
  return url.href;
}

/** An open connection. */
export interface Subscriber {
  /** Subscribes; `onEvent` is told of each event. @throws RollupError as the server refuses it, RPC_UNREACHABLE. */
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
  return {
    waiting,
    listen(subscription: string, onEvent: (event: unknown) => void): void {
      listeners.set(subscription, onEvent);
      for (const event of early.get(subscription) ?? []) onEvent(event);
      early.delete(subscription);
    },
    route({ id, result, error, params }: Message): void {
      if (params !== undefined) {
        const listener = listeners.get(params.subscription);
        if (listener !== undefined) listener(params.result);
        else early.set(params.subscription, [...(early.get(params.subscription) ?? []), params.result]);
        return;
      }
      const asked = waiting.get(id ?? -1);
      waiting.delete(id ?? -1);
      if (error === undefined) asked?.resolve(result);
      else asked?.reject(toRollupError(error));
    },
  };
}

/**
 * Connects.
 *
 * @throws RollupError RPC_UNREACHABLE when no connection is made, or there is no WebSocket here; or the signal's reason.
 */
export async function openSocket(rpcUrl: string, signal: AbortSignal): Promise<Subscriber> {
  const url = socketUrl(rpcUrl);
  if (typeof WebSocket === 'undefined') throw unreachable(url);
  signal.throwIfAborted();
  const socket = new WebSocket(url);
  const router = createRouter();
  const ended = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  let nextId = 1;
  const onAbort = (): void => socket.close();
  signal.addEventListener('abort', onAbort, { once: true });
  socket.addEventListener('open', () => opened.resolve());
  socket.addEventListener('message', ({ data }) => {
    try {
      router.route(JSON.parse(String(data)) as Message);
    } catch {
      socket.close(); // what is no JSON-RPC comes from somebody else than a sequencer
    }
  });
  socket.addEventListener('error', () => socket.close());
  socket.addEventListener('close', () => {
    signal.removeEventListener('abort', onAbort);
    const error = signal.aborted ? signal.reason : unreachable(url);
    opened.reject(error);
    for (const { reject } of router.waiting.values()) reject(error);
    ended.resolve();
  });
  await opened.promise;
  return {
    ended: ended.promise,
    close: () => socket.close(),
    async subscribe(params, onEvent) {
      const id = nextId++;
      const answer = new Promise<unknown>((resolve, reject) => router.waiting.set(id, { resolve, reject }));
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'rollup_subscribe', params }));
      router.listen(String(await answer), onEvent);
    },
  };
}
