/** Lets pages of other origins call: wallets and explorers in browsers. What they have to read is exposed to them. */

import cors from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MIN_SEQUENCE_HEADER, SEQUENCE_HEADER } from './reading-sequence.ts';

/** Headers that a page may read beside those that every page may. */
const EXPOSED_HEADERS = ['Retry-After', 'ETag', 'Content-Length', SEQUENCE_HEADER];
/** How long browsers keep the answer to a preflight, at most: Chromium takes two hours, Firefox a day. */
const PREFLIGHT_SECONDS = 86_400;

/** Any origin. */
export const ANY_ORIGIN = '*';

/**
 * Answers preflights and marks all answers, refusals too: so it comes before what refuses. A preflight costs its address
 * nothing, since a page cannot read why one is refused.
 *
 * @param origins that may call; `*` for all, none for pages of this server only.
 */
export async function installCors(server: FastifyInstance, origins: readonly string[]): Promise<void> {
  const isAny = origins.includes(ANY_ORIGIN);
  await server.register(cors, {
    origin: isAny ? ANY_ORIGIN : origins.length === 0 ? false : [...origins],
    methods: ['GET', 'HEAD', 'POST'],
    allowedHeaders: ['Content-Type', 'If-None-Match', MIN_SEQUENCE_HEADER],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
  });
}

/** What the client of a WebSocket is told whose origin may not call. */
export const FOREIGN_ORIGIN = 'pages of this origin may not call';

/**
 * Whether a page of this origin may open a WebSocket, for which browsers ask no leave: one that may call, or one of this
 * server itself. Programs name no origin.
 */
export function mayConnect(origins: readonly string[], { headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const { origin, host } = headers;
  if (origin === undefined || origins.includes(ANY_ORIGIN) || origins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
