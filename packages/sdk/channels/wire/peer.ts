/** JSON-RPC 2.0 in both directions over one connection, with a bound on all that the other side can cause. */

import { asRollupError, isErrorCode, isRollupError, RollupError } from '@quittance/protocol';
import type { Clock } from '../../wallet/time.ts';
import { CLOSE, type WireSocket } from './socket.ts';

/** Bounds of a connection. */
export const WIRE_LIMITS = {
  /** Bytes of one text: a proposal of 256 changes with routes has a fifth of that. */
  frameBytes: 1 << 20,
  /** Bytes that wait to leave: who reads so slowly is let go. */
  waitingBytes: 8 << 20,
  /** Requests of one side that wait for their answer. */
  requests: 64,
  /** Texts of the other side a second, and at once. */
  framesPerSecond: 2_000,
  frameBurst: 8_000,
  /** An answer comes within this, or not at all. */
  answerMs: 30_000,
} as const;

/** What is answered to a method. @throws RollupError, which the other side gets as an error of JSON-RPC. */
export type WireMethod = (params: unknown) => Promise<unknown>;

/** What is done with what no answer is expected to. @throws RollupError, which ends the connection. */
export type WireNotice = (params: unknown) => void;

export interface WirePeerOptions {
  readonly socket: WireSocket;
  readonly clock: Clock;
  readonly methods: Readonly<Record<string, WireMethod>>;
  readonly notices: Readonly<Record<string, WireNotice>>;
}

/** This end of a connection. */
export interface WirePeer {
  /** @throws RollupError as the other side answers, TIMEOUT, or why the connection ended. */
  request(method: string, params: unknown): Promise<unknown>;
  notify(method: string, params: unknown): void;
  /** A text came. */
  receive(text: string): void;
  /** The connection is gone. */
  ended(error?: RollupError): void;
  /** Ends it, and says why. */
  close(error: RollupError): void;
  /** Resolves with why it is gone. */
  readonly gone: Promise<RollupError>;
  readonly isGone: boolean;
}

interface Frame {
  readonly jsonrpc?: unknown;
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Amounts are decimal texts. */
const amountText = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** JSON-RPC's numbers for what is wrong with a call itself. */
const RPC_ERROR = { invalid: -32_600, method: -32_601, refused: -32_000 } as const;

const wrong = (reason: string): RollupError<'CHANNEL_PEER_WRONG'> =>
  new RollupError('CHANNEL_PEER_WRONG', `the other party of a connection breaks its rules: ${reason}`, { reason });

/** A connection that is no more. */
export const disconnected = (why: string): RollupError<'CHANNEL_PEER_AWAY'> =>
  new RollupError('CHANNEL_PEER_AWAY', `the other party is not connected: ${why}`, { reason: why });

/** What the other side answered instead of a result, as an error of ours. */
function errorOf(error: unknown): RollupError {
  const { message, data } = (error ?? {}) as { readonly message?: unknown; readonly data?: unknown };
  const { code } = (data ?? {}) as { readonly code?: unknown };
  const text = String(message).slice(0, 512);
  const known = typeof code === 'string' && isErrorCode(code) ? code : 'CHANNEL_CHANGE_REFUSED';
  return new RollupError(known, `the other party refuses: ${text}`, { reason: String(code) } as never);
}

/** So many at once, and so many a second. */
function createBucket(clock: Clock, perSecond: number, burst: number): () => boolean {
  let left: number = burst;
  let lookedAtMs = clock.monotonicMs();
  return () => {
    const nowMs = clock.monotonicMs();
    left = Math.min(burst, left + ((nowMs - lookedAtMs) / 1_000) * perSecond);
    lookedAtMs = nowMs;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}

/** Our requests that wait for their answers. */
function createRequests(clock: Clock) {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let nextId = 1;
  return {
    /** A new one. @throws RollupError CHANNEL_PEER_AWAY when too many wait. */
    begin(method: string) {
      if (waiting.size >= WIRE_LIMITS.requests) throw disconnected(`${waiting.size} requests wait for their answers`);
      const id = nextId++;
      const answered = Promise.withResolvers<unknown>();
      waiting.set(id, answered);
      const timer = clock.schedule(WIRE_LIMITS.answerMs, () => {
        waiting.delete(id);
        answered.reject(new RollupError('TIMEOUT', `the other party does not answer ${method}`, { method }));
      });
      return { id, answered: answered.promise.finally(() => timer.cancel()) };
    },
    settle(id: number, { result, error }: Frame): void {
      const asked = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) asked?.resolve(result);
      else asked?.reject(errorOf(error));
    },
    rejectAll(error: RollupError): void {
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    },
  };
}

/** Codes beside those of channels whose words are meant for the other side. */
const TOLD: ReadonlySet<string> = new Set([
  ...['NOT_FOUND', 'INVALID_KEY', 'BAD_SIGNATURE', 'OUT_OF_RANGE', 'INVALID_ADDRESS', 'INVALID_HEX', 'SHUTTING_DOWN'],
]);

/** What the other side is told of an error: words about our sequencer, our L1 or our disk are nobody else's. */
function toldOf({ code, message }: RollupError): string {
  return code.startsWith('CHANNEL_') || TOLD.has(code) ? message : 'it cannot be done here now; try again later';
}

/** Answers the other side's requests. @param send takes a frame. @param close ends the connection. */
function createAnswers(
  methods: WirePeerOptions['methods'],
  send: (frame: object) => void,
  close: (error: RollupError) => void,
): (id: number, name: string, params: unknown) => void {
  let answering = 0;
  async function answer(id: number, method: WireMethod, name: string, params: unknown): Promise<void> {
    answering += 1;
    try {
      send({ id, result: (await method(params)) ?? null });
    } catch (cause) {
      const error = asRollupError(name, cause);
      send({ id, error: { code: RPC_ERROR.refused, message: toldOf(error), data: { code: error.code } } });
      // Who breaks the rules is not listened to any more.
      if (isRollupError(cause, 'CHANNEL_PEER_WRONG')) close(cause);
    } finally {
      answering -= 1;
    }
  }
  return (id, name, params) => {
    if (answering >= WIRE_LIMITS.requests) throw wrong(`${answering} of its requests wait for an answer`);
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (method !== undefined) void answer(id, method, name, params);
    else send({ id, error: { code: RPC_ERROR.method, message: `there is no method ${name.slice(0, 64)} here` } });
  };
}

/** One end of a connection. */
export function createWirePeer({ socket, clock, methods, notices }: WirePeerOptions): WirePeer {
  const requests = createRequests(clock);
  const mayCome = createBucket(clock, WIRE_LIMITS.framesPerSecond, WIRE_LIMITS.frameBurst);
  const gone = Promise.withResolvers<RollupError>();
  let end: RollupError | undefined;

  const ended = (error: RollupError = disconnected('the connection has ended')): void => {
    if (end !== undefined) return;
    end = error;
    requests.rejectAll(error);
    gone.resolve(error);
  };
  const close = (error: RollupError): void => {
    if (end !== undefined) return;
    ended(error);
    // The code alone: a reason has 123 bytes at most, and words may quote what the other side sent.
    socket.close(CLOSE.policy, error.code);
  };
  const send = (frame: object): void => {
    if (end !== undefined) return;
    if (socket.waitingBytes <= WIRE_LIMITS.waitingBytes) {
      socket.send(JSON.stringify({ jsonrpc: '2.0', ...frame }, amountText));
    } else close(wrong(`it reads too slowly: ${socket.waitingBytes} bytes wait for it`));
  };
  const answer = createAnswers(methods, send, close);

  function route(frame: Frame): void {
    const { id, method, params } = frame;
    if (typeof method === 'string' && id === undefined) {
      if (!Object.hasOwn(notices, method)) throw wrong(`it tells of "${method.slice(0, 64)}", which nobody knows here`);
      notices[method]!(params);
    } else if (typeof method === 'string' && Number.isSafeInteger(id)) answer(id as number, method, params);
    else if (method === undefined && Number.isSafeInteger(id)) requests.settle(id as number, frame);
    else throw wrong('it sends what is no JSON-RPC');
  }

  return {
    gone: gone.promise,
    get isGone() {
      return end !== undefined;
    },
    ended,
    close,
    notify: (method, params) => send({ method, params }),
    receive(text) {
      if (end !== undefined) return;
      try {
        if (text.length > WIRE_LIMITS.frameBytes) throw wrong(`it sends ${text.length} bytes at once`);
        if (!mayCome()) throw wrong(`it sends more than ${WIRE_LIMITS.framesPerSecond} texts a second`);
        route(parse(text));
      } catch (error) {
        close(asRollupError('a text of the other party', error));
      }
    },
    async request(method, params) {
      if (end !== undefined) throw end;
      const { id, answered } = requests.begin(method);
      send({ id, method, params });
      return await answered;
    },
  };
}

function parse(text: string): Frame {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    throw wrong('it sends what is no JSON');
  }
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) throw wrong('it sends what is no JSON-RPC');
  return frame;
}
