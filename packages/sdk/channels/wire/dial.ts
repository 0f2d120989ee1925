/** Connects to a party by its URL, and again whenever that ends: in browsers and in Node. */

import { type Address, asRollupError, RollupError } from '@quittance/protocol';
import { type Clock, createPauses } from '../../wallet/time.ts';
import type { PartyConnection, WireEnd } from '../party/connection.ts';
import { disconnected } from './peer.ts';
import type { WireSocket } from './socket.ts';

export interface DialOptions {
  /** ws: or wss:, with the path. */
  readonly url: string;
  /** Who is to be there; whoever it is if not given. */
  readonly expected?: Address;
  readonly party: { call(socket: WireSocket, expected?: Address): WireEnd };
  readonly clock: Clock;
  /** Told of each connection that ended or was not made, with why. */
  readonly onTrouble?: (error: RollupError) => void;
}

/** A connection that is made again and again. */
export interface Dialing {
  /** The connection, as soon as there is one. @throws RollupError CHANNEL_PEER_AWAY or why it was refused, when there is none in time. */
  connected(timeoutMs: number): Promise<PartyConnection>;
  /** No more. */
  stop(): void;
}

/** Pauses between attempts. */
const PAUSES_MS = { first: 250, most: 15_000 } as const;

/** One connection, until it ends. @param known told of whoever is there. */
function dialOnce({ url, expected, party }: DialOptions, known: (connection: PartyConnection) => void) {
  const socket = new WebSocket(url);
  let end: WireEnd | undefined;
  const gone = Promise.withResolvers<RollupError>();
  socket.addEventListener('open', () => {
    end = party.call(
      {
        get waitingBytes() {
          return socket.bufferedAmount;
        },
        send: (text) => socket.send(text),
        close: () => socket.close(),
      },
      expected,
    );
    end.known.then(known, () => undefined);
    void end.gone.then(gone.resolve);
  });
  socket.addEventListener('message', ({ data }) => end?.receive(String(data)));
  const close = (): void => {
    end?.ended();
    gone.resolve(disconnected(`no connection to ${url}, or it has ended`));
  };
  socket.addEventListener('error', close);
  socket.addEventListener('close', close);
  return { gone: gone.promise, close: () => socket.close() };
}

/** Begins to connect. @throws RollupError CONFIG_INVALID for what is no URL of a WebSocket. */
export function dialParty(options: DialOptions): Dialing {
  const { clock, url } = options;
  if (!/^wss?:\/\//.test(url) || !URL.canParse(url)) {
    throw new RollupError('CONFIG_INVALID', `"${url}" is no URL of a party: ws:// or wss://`, { name: 'url' });
  }
  const stopping = new AbortController();
  let present: PartyConnection | undefined;
  let last: RollupError = disconnected(`no connection to ${url} yet`);
  const waiting = new Set<() => void>();
  const wakeAll = (): void => {
    for (const wake of waiting) wake();
    waiting.clear();
  };
  let hang = (): void => undefined;

  async function run(): Promise<void> {
    for (let pauses = createPauses(PAUSES_MS.first, PAUSES_MS.most); !stopping.signal.aborted; ) {
      const { gone, close } = dialOnce(options, (connection) => {
        present = connection;
        pauses = createPauses(PAUSES_MS.first, PAUSES_MS.most);
        wakeAll();
      });
      hang = close;
      last = await gone;
      present = undefined;
      if (stopping.signal.aborted) return;
      options.onTrouble?.(last);
      await clock.sleep(pauses(), stopping.signal);
    }
  }
  run().catch((error: unknown) => {
    if (!stopping.signal.aborted) last = asRollupError('connecting to a party', error);
  });

  return {
    async connected(timeoutMs) {
      if (present === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.add(resolve);
        const timer = clock.schedule(timeoutMs, resolve);
        await promise;
        timer.cancel();
        waiting.delete(resolve);
      }
      if (present === undefined) throw last;
      return present;
    },
    stop() {
      stopping.abort(new RollupError('SHUTTING_DOWN', 'no connection is made any more', {}));
      hang();
      wakeAll();
    },
  };
}
