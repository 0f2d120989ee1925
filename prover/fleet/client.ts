/** A worker's side of the prover API: one node after the other, answers bounded, errors with their codes. */

import { type ErrorCode, isErrorCode, isRollupError, RollupError } from '@quittance/protocol';
import {
  type ArtifactManifest,
  type FailRequest,
  FLEET_PATH,
  type FleetStatus,
  type PickAnswer,
  type PickRequest,
  type ProofAnswer,
  type ProofRequest,
} from './messages.ts';

export interface FleetClientOptions {
  /** Prover APIs of the nodes of one rollup. */
  readonly urls: readonly string[];
  readonly token: string;
}

/** Of one call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** One call, below `/prover/v1`. */
export interface FleetRequest extends CallOptions {
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Longest answer but for files. */
const MAX_ANSWER_BYTES = 4 << 20;
const TIMEOUT_MS = 15_000;
const STATUS_NO_CONTENT = 204;
/** What a node answers that another node, or the same one later, would not. */
const PASSING: ReadonlySet<number> = new Set([404, 429, 500, 502, 503, 504]);
/** What workers are told by the codes that they know. */
const TOLD: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PROVER_TOKEN_REFUSED',
  'PROVER_QUARANTINED',
  'KEY_OF_ANOTHER_CIRCUIT',
  'STATEMENT_CLOSED',
  'PROOF_INVALID',
  'BAD_SIGNATURE',
  'OUT_OF_RANGE',
]);

/** Reads at most `limit` bytes. @throws RollupError RPC_ANSWER_INVALID. */
async function readAnswer(response: Response, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += piece.length;
    if (length > limit) throw new RollupError('RPC_ANSWER_INVALID', `an answer of more than ${limit} bytes`, { limit });
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** JSON; undefined for anything else. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The error that an answer tells. */
function errorOf(status: number, body: unknown, url: string): RollupError {
  const { code = '', message = '' } = (body ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  const text = String(message).slice(0, 300);
  if (typeof code === 'string' && isErrorCode(code) && TOLD.has(code)) {
    return new RollupError(code, text === '' ? code : text, { url, reason: text, statement: '', strikes: 0, path: '' });
  }
  if (!PASSING.has(status)) return new RollupError('RPC_ANSWER_INVALID', `${url} answers ${status}: ${text}`, { url });
  return new RollupError('RPC_UNREACHABLE', `${url} answers ${status}: ${text === '' ? 'no reason' : text}`, { url });
}

/** Sends a call to one node. @throws RollupError RPC_UNREACHABLE, RPC_TIMEOUT; what the node tells; the signal's reason. */
async function send(
  url: string,
  token: string | undefined,
  { path, body, headers = {}, signal, timeoutMs = TIMEOUT_MS }: FleetRequest,
): Promise<Response> {
  const timeout = AbortSignal.timeout(timeoutMs);
  let response: Response;
  try {
    response = await fetch(`${url.replace(/\/+$/, '')}${FLEET_PATH}/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A redirect would carry the token elsewhere.
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (timeout.aborted) {
      throw new RollupError('RPC_TIMEOUT', `${url} did not answer within ${timeoutMs} ms`, { url, timeoutMs });
    }
    const reason = (error as { readonly cause?: { readonly message?: string } }).cause?.message ?? String(error);
    throw new RollupError('RPC_UNREACHABLE', `${url} cannot be reached: ${reason}`, { url }, { cause: error });
  }
  if (response.ok) return response;
  const told = await readAnswer(response, MAX_ANSWER_BYTES).catch(() => new Uint8Array());
  throw errorOf(response.status, parse(told), url);
}

/** The JSON that one node answers; undefined where there is none to give. @throws as `send`, and RPC_ANSWER_INVALID. */
export async function callFleet(url: string, request: FleetRequest, token?: string): Promise<unknown> {
  const response = await send(url, token, request);
  if (response.status === STATUS_NO_CONTENT) return undefined;
  const value = parse(await readAnswer(response, MAX_ANSWER_BYTES));
  if (value !== undefined) return value;
  throw new RollupError('RPC_ANSWER_INVALID', `${url} answers with something that is no JSON`, { url });
}

/** Calls the node that leads. Which one that is, it finds out by trying. */
export class FleetClient {
  readonly #options: FleetClientOptions;
  #current = 0;

  constructor(options: FleetClientOptions) {
    this.#options = options;
  }

  /** The node that is called next. */
  get url(): string {
    return this.#options.urls[this.#current]!;
  }

  /** Turns to the next node, unless somebody did since `url` was called. */
  #turn(url: string): void {
    if (this.url === url) this.#current = (this.#current + 1) % this.#options.urls.length;
  }

  /**
   * Work; undefined when there was none for so long.
   *
   * @throws RollupError KEY_OF_ANOTHER_CIRCUIT; and as every other call of this class PROVER_TOKEN_REFUSED, PROVER_QUARANTINED,
   * RPC_UNREACHABLE, RPC_TIMEOUT, RPC_ANSWER_INVALID.
   */
  async pick(request: PickRequest, options: CallOptions = {}): Promise<PickAnswer | undefined> {
    const timeoutMs = request.waitMs + TIMEOUT_MS;
    return (await this.#json({ path: 'pick', body: request, timeoutMs, ...options })) as PickAnswer | undefined;
  }

  /** The bytes of a job. @param limit how many it can have. */
  async input(sha256: string, limit: number, options: CallOptions = {}): Promise<Uint8Array> {
    return readAnswer(await this.#call({ path: `inputs/${sha256}`, timeoutMs: 60_000, ...options }), limit);
  }

  /** @throws RollupError STATEMENT_CLOSED too: there is nothing left to prove. */
  async heartbeat(lease: string, worker: string, statement: string, options: CallOptions = {}): Promise<void> {
    await this.#json({ path: `leases/${lease}/heartbeat`, body: { worker, statement }, ...options });
  }

  /** @throws RollupError STATEMENT_CLOSED and PROOF_INVALID too. */
  async prove(lease: string, request: ProofRequest & { readonly worker: string }, options: CallOptions = {}) {
    return (await this.#json({ path: `leases/${lease}/proof`, body: request, ...options })) as ProofAnswer;
  }

  /** Gives a lease back: it failed, or (`released`) it stops. */
  async fail(
    lease: string,
    body: FailRequest & { readonly worker: string; readonly statement: string },
    options: CallOptions = {},
  ): Promise<void> {
    await this.#json({ path: `leases/${lease}/fail`, body, ...options });
  }

  async status(options: CallOptions = {}): Promise<FleetStatus> {
    return (await this.#json({ path: 'status', ...options })) as FleetStatus;
  }

  async manifest(circuit: string, options: CallOptions = {}): Promise<ArtifactManifest> {
    // The first of all workers waits until a gigabyte is hashed.
    return (await this.#json({
      path: `artifacts/${circuit}/manifest`,
      timeoutMs: 120_000,
      ...options,
    })) as ArtifactManifest;
  }

  /** A file from `start` on. It ends when its time is over: what came stays. */
  file(circuit: string, name: string, start: number, options: CallOptions = {}): Promise<Response> {
    const headers = { range: `bytes=${start}-` };
    return this.#call({ path: `artifacts/${circuit}/${name}`, headers, timeoutMs: 3_600_000, ...options });
  }

  async #json(request: FleetRequest): Promise<unknown> {
    return this.#onThisNode((url) => callFleet(url, request, this.#options.token));
  }

  #call(request: FleetRequest): Promise<Response> {
    return this.#onThisNode((url) => send(url, this.#options.token, request));
  }

  /** Turns to the next node when this one does not serve. */
  async #onThisNode<T>(call: (url: string) => Promise<T>): Promise<T> {
    const { url } = this;
    try {
      return await call(url);
    } catch (error) {
      const isElsewhere = isRollupError(error, 'RPC_UNREACHABLE') || isRollupError(error, 'RPC_TIMEOUT');
      if (isElsewhere) this.#turn(url);
      throw error;
    }
  }
}
