/**
 * Gives copies of the database of a sequencer that runs, on a port of their own, to whoever has the token. Each is made beside the
 * database first, a little at a time, and sent when it is whole.
 *
 * The answer to GET /copy is white space while the copy is made, a line of JSON with its length and its sha256, and its bytes.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import { createReadStream, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { asRollupError, RollupError } from '@quittance/protocol';
import { type Clock, type Listening, type Logger, listen } from '../../../runtime/index.ts';
import type { Storage } from '../../../storage/index.ts';

export interface CopyServerOptions {
  readonly storage: Pick<Storage, 'file' | 'copyTo'>;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Whoever sends one of these gets everything that was acknowledged. */
  readonly tokens: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** White space is sent so often that no proxy takes the connection for dead. */
const SIGN_OF_LIFE_MS = 5_000;
const MAX_CONNECTIONS = 16;
const HEADERS_TIMEOUT_MS = 5_000;
/** A reader that takes nothing for so long is given up. */
const IDLE_MS = 120_000;

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether a request has one of the tokens; takes as long whichever, and whether, it is. */
function isAllowed({ headers }: IncomingMessage, tokens: readonly string[]): boolean {
  const given = digestOf(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '');
  let isOne = false;
  for (const token of tokens) if (timingSafeEqual(given, digestOf(token))) isOne = true;
  return isOne;
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(`${JSON.stringify({ error: { code, message } })}\n`);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** Makes a copy and sends it. @throws what went wrong, once nothing more can be said to the other side. */
async function send({ storage, clock }: CopyServerOptions, response: ServerResponse, path: string): Promise<number> {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new RollupError('CANCELLED', 'whoever asked for the copy went away')));
  response.setTimeout(IDLE_MS, () => response.destroy());
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  let aliveMs = clock.nowMs();
  await storage.copyTo(path, () => {
    gone.signal.throwIfAborted();
    if (clock.nowMs() - aliveMs < SIGN_OF_LIFE_MS) return;
    aliveMs = clock.nowMs();
    response.write(' ');
  });
  const bytes = statSync(path).size;
  response.write(`${JSON.stringify({ bytes, sha256: await hashOf(path) })}\n`);
  await pipeline(createReadStream(path), response, { signal: gone.signal });
  return bytes;
}

/** Starts the server. @throws when the port is taken. */
export async function startCopyServer(options: CopyServerOptions): Promise<Listening> {
  const { storage, host, port, tokens, logger } = options;
  const path = `${storage.file}.copy`;
  const remove = (): void => {
    for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
  };
  remove(); // what a process left that was killed
  let running: Promise<unknown> | undefined;

  const answer = async (response: ServerResponse): Promise<void> => {
    try {
      const bytes = await send(options, response, path);
      logger.info('gave a copy of the database', { bytes });
    } catch (error) {
      const { code, message } = asRollupError('copying the database', error);
      logger.warn('a copy of the database was not given', { code, reason: message });
      response.destroy();
    } finally {
      remove();
    }
  };
  const server = createServer((request, response) => {
    if (request.url !== '/copy') return refuse(response, 404, 'NOT_FOUND', 'there is /copy');
    if (request.method !== 'GET') return refuse(response, 405, 'METHOD_NOT_FOUND', 'only GET');
    if (!isAllowed(request, tokens)) {
      return refuse(response, 401, 'TOKEN_INVALID', 'the token is not that of this sequencer');
    }
    if (running !== undefined) {
      return refuse(response, 503, 'QUEUE_FULL', 'another copy is being made; one is made at a time. Try again later');
    }
    running = answer(response).finally(() => {
      running = undefined;
    });
  });
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = HEADERS_TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  const { url, stop } = await listen(server, host, port);
  return {
    url,
    async stop() {
      await Promise.all([stop(), running]);
    },
  };
}
