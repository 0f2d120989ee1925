/** A connection to one other party: who it is, and the messages of all channels with it. */

import { type Address, asRollupError, isSameAddress, RollupError } from '@quittance/protocol';
import type { Clock } from '../../wallet/time.ts';
import type { Exchange } from '../exchange/index.ts';
import { decodeChannelMessage } from '../json.ts';
import { type Json, list, object } from '../read-json.ts';
import type { ChannelMessage, ChannelRecord } from '../record.ts';
import { MOST_ASKED } from '../side/index.ts';
import { createCaller, createGreeter, type Identity } from '../wire/login.ts';
import { createWirePeer, type WireMethod, type WireNotice, type WirePeer, type WirePeerOptions } from '../wire/peer.ts';
import type { WireSocket } from '../wire/socket.ts';
import { bytes20 } from './opening.ts';

/** A connection whose other end is known. */
export interface PartyConnection {
  readonly peer: WirePeer;
  readonly address: Address;
  /** Whether we began it. */
  readonly isOurs: boolean;
  /** A channel with this party is new: its messages go over this connection, too. */
  join(vault: string): void;
}

/** What the carrier of a connection is told to do. */
export interface WireEnd {
  receive(text: string): void;
  /** The carrier is gone. */
  ended(): void;
  /** Resolves once both have shown who they are. @throws RollupError when they do not, or not in time. */
  readonly known: Promise<PartyConnection>;
  /** Resolves with why the connection is gone. */
  readonly gone: Promise<RollupError>;
  close(error: RollupError): void;
}

export interface ConnectionOptions {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly exchange: Exchange;
  /** What is answered to whom. */
  readonly methodsFor: (address: Address) => Readonly<Record<string, WireMethod>>;
  /** A party is there. @returns whether this connection with it counts. */
  readonly arrived: (connection: PartyConnection) => boolean;
  readonly left: (connection: PartyConnection) => void;
}

/** Who has not shown who it is by then is let go. */
const LOGIN_MS = 10_000;

const strange = (what: string): RollupError<'CHANNEL_PEER_WRONG'> =>
  new RollupError('CHANNEL_PEER_WRONG', `the other party of a connection ${what}`, { reason: what });

/** Messages of channels in both directions, over a connection whose other end is known. */
function createLines({ exchange }: ConnectionOptions, address: Address, peer: WirePeer) {
  const ends = new Map<string, { receive(message: ChannelMessage): void; end(): void }>();
  const isTheirs = (record: ChannelRecord | undefined): boolean =>
    record !== undefined && isSameAddress(record.terms[record.party === 'a' ? 'b' : 'a'], address);
  const join = (vault: string): void => {
    if (ends.has(vault)) return;
    const end = exchange.connect(vault, {
      send: (messages) => peer.notify('channel_messages', { vault, messages }),
      close: (error) => peer.close(error),
    });
    ends.set(vault, end);
  };
  return {
    join,
    joinAll(): void {
      for (const [vault, record] of exchange.records) if (isTheirs(record)) join(vault);
    },
    /** Messages of one channel came. */
    take(params: Json): void {
      const read = object('messages', params);
      const vault = bytes20(read['vault']);
      // The other side may have heard first that a channel is open. One that we do not have at all was lost here.
      if (isTheirs(exchange.record(vault))) join(vault);
      const end = ends.get(vault);
      for (const message of list('messages', read['messages'], 2 * MOST_ASKED, decodeChannelMessage))
        end?.receive(message);
    },
    end(): void {
      for (const { end } of ends.values()) end();
      ends.clear();
    },
  };
}

/** Who is on the other end, once that is known. */
function createEnd(options: ConnectionOptions, socket: WireSocket, isOurs: boolean) {
  const known = Promise.withResolvers<PartyConnection>();
  known.promise.catch(() => undefined); // told to whoever asks
  let isEntering = false;
  let lines: ReturnType<typeof createLines> | undefined;
  let methods: Readonly<Record<string, WireMethod>> = {};
  let connection: PartyConnection | undefined;

  const identify = (address: Address, peer: WirePeer): void => {
    if (peer.isGone) return; // nobody would hear that it is
    lines = createLines(options, address, peer);
    methods = options.methodsFor(address);
    connection = { peer, address, isOurs, join: lines.join };
    if (!options.arrived(connection)) return;
    lines.joinAll();
    known.resolve(connection);
  };
  return {
    known,
    identify,
    /** A login is on its way: what comes behind it waits for it. */
    enter(): void {
      isEntering = true;
    },
    /** @throws RollupError CHANNEL_PEER_WRONG for what came before a login. */
    takeMessages(params: unknown, peer: WirePeer): void {
      if (lines !== undefined) {
        lines.take(params);
        return;
      }
      if (!isEntering) throw strange('says something before it has shown who it is');
      const taken = known.promise.then(() => lines?.take(params));
      taken.catch((error: unknown) => peer.close(asRollupError('messages of a channel', error)));
    },
    /** Answers whoever is known. */
    answer:
      (name: string): WireMethod =>
      async (params) => {
        if (!isEntering) throw strange(`asks for ${name} before it has shown who it is`);
        await known.promise;
        const method = methods[name];
        if (method === undefined) throw strange(`asks for ${name}, which is not answered here`);
        return await method(params);
      },
    /** What stands on the connection, once. */
    watch(peer: WirePeer): void {
      const timer = options.clock.schedule(LOGIN_MS, () => peer.close(strange(`did not log in within ${LOGIN_MS} ms`)));
      known.promise.finally(() => timer.cancel()).catch(() => undefined);
      void peer.gone.then((error) => {
        known.reject(error);
        lines?.end();
        if (connection !== undefined) options.left(connection);
      });
    },
    socket,
  };
}

/** All that is answered on a connection, once it is known whom to. */
const METHODS = [
  ...['channel_policy', 'channel_open', 'channel_key', 'channel_opened'],
  ...['channel_tidy', 'channel_close', 'channel_sign', 'channel_signed'],
];

/** An end as whoever carries it sees it. */
function carried(end: ReturnType<typeof createEnd>, peer: WirePeer): WireEnd {
  const { receive, gone, close } = peer;
  return { receive, ended: () => peer.ended(), known: end.known.promise, gone, close };
}

function peerOf(
  options: ConnectionOptions,
  end: ReturnType<typeof createEnd>,
  more: Partial<WirePeerOptions>,
): WirePeer {
  const { socket } = end;
  const methods = { ...Object.fromEntries(METHODS.map((name) => [name, end.answer(name)])), ...more.methods };
  const channel_messages: WireNotice = (params) => end.takeMessages(params, peer);
  const notices = { channel_messages, ...more.notices };
  const peer: WirePeer = createWirePeer({ socket, clock: options.clock, methods, notices });
  end.watch(peer);
  return peer;
}

/** The end of a connection that somebody else began. */
export function acceptConnection(options: ConnectionOptions, socket: WireSocket): WireEnd {
  const greeter = createGreeter(options.identity);
  const end = createEnd(options, socket, false);
  const channel_login: WireMethod = async (params) => {
    const { peer: address, signature } = greeter.login(params);
    end.enter();
    // Our answer goes first: what we say in the channels stands behind it.
    options.clock.schedule(0, () => {
      try {
        end.identify(address, peer);
      } catch (error) {
        peer.close(asRollupError('a login', error));
      }
    });
    return { signature };
  };
  const peer = peerOf(options, end, { methods: { channel_login } });
  peer.notify('channel_greeting', greeter.greeting);
  return carried(end, peer);
}

/** The end of a connection that we began. @param expected who is to be there. */
export function callParty(options: ConnectionOptions, socket: WireSocket, expected?: Address): WireEnd {
  const caller = createCaller(options.identity, expected);
  const end = createEnd(options, socket, true);
  let isGreeted = false;
  const channel_greeting: WireNotice = (params) => {
    if (isGreeted) throw strange('greets twice');
    isGreeted = true;
    const { peer: address, login } = caller.answer(params);
    end.enter();
    const entered = peer.request('channel_login', login).then((answer) => {
      caller.confirm(address, answer);
      end.identify(address, peer);
    });
    entered.catch((error: unknown) => peer.close(asRollupError('a login', error)));
  };
  const peer = peerOf(options, end, { notices: { channel_greeting } });
  return carried(end, peer);
}
