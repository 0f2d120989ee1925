/**
 * Serves the explorer's files under /explorer/, and sends browsers that ask for / there. All of them are read once, at the
 * start: what is asked for is looked up by its name, so no path leads anywhere else.
 */

import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply } from 'fastify';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** Where it is. */
export const EXPLORER_PATH = '/explorer/';

/** Names of files in this folder have a hash of their content: they never change. */
const HASHED = /^assets\//;
const FOREVER = 'public, max-age=31536000, immutable';
const ALWAYS_ASK = 'no-cache';

/** A file as it is sent. */
interface ExplorerFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly compressed: Buffer;
  readonly etag: string;
  readonly cacheControl: string;
}

/** The explorer's files by their path, and the policy that its page states. */
export interface ExplorerFiles {
  readonly files: ReadonlyMap<string, ExplorerFile>;
  readonly policy: string;
}

/** What the page says of itself, from its meta element, and that nobody may frame it, which only a header can say. */
function policyOf(html: string): string {
  const stated = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)?.[1] ?? "default-src 'none'";
  return `${stated}; frame-ancestors 'none'`;
}

/** Reads a folder; undefined when the explorer was not built there. */
export function readExplorer(folder: string): ExplorerFiles | undefined {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) return undefined;
  const files = new Map<string, ExplorerFile>();
  for (const name of globSync('**/*', { cwd: folder })) {
    const path = name.replaceAll('\\', '/');
    const type = TYPES[extname(path)];
    if (type === undefined || !statSync(join(folder, name)).isFile()) continue;
    const bytes = readFileSync(join(folder, name));
    files.set(path, {
      type,
      bytes,
      compressed: gzipSync(bytes),
      etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`,
      cacheControl: HASHED.test(path) ? FOREVER : ALWAYS_ASK,
    });
  }
  return { files, policy: policyOf(readFileSync(index, 'utf8')) };
}

const NOT_BUILT =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>Explorer not built</title><h1>The explorer is not built</h1>' +
  '<p>Run <code>./dev build</code> and start the sequencer again. JSON-RPC is <code>POST /</code>, its description ' +
  '<a href="/openrpc.json">/openrpc.json</a>.</p></html>';

function sendNotBuilt(reply: FastifyReply): FastifyReply {
  return reply
    .code(404)
    .headers({
      'content-type': TYPES['.html'],
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    })
    .send(NOT_BUILT);
}

/** Whether a browser asks for a page: scripts and curl accept anything. */
export function wantsPage(accept: string | undefined): boolean {
  return accept?.split(',').some((type) => type.trim().startsWith('text/html')) === true;
}

/** Adds the routes. @param explorer undefined where it was not built: /explorer/ then says how to. */
export function addExplorer(server: FastifyInstance, explorer: ExplorerFiles | undefined): void {
  server.get('/', (request, reply) =>
    wantsPage(request.headers.accept) ? reply.redirect(EXPLORER_PATH, 302) : reply.callNotFound(),
  );
  server.get('/explorer', (_request, reply) => reply.redirect(EXPLORER_PATH, 302));
  server.get<{ Params: { '*': string } }>('/explorer/*', (request, reply) => {
    if (explorer === undefined) return sendNotBuilt(reply);
    const file = explorer.files.get(request.params['*'] || 'index.html');
    if (file === undefined) return reply.callNotFound();
    const { type, bytes, compressed, etag, cacheControl } = file;
    reply.headers({
      'content-type': type,
      'cache-control': cacheControl,
      etag,
      vary: 'accept-encoding',
      'content-security-policy': explorer.policy,
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    return takesGzip ? reply.header('content-encoding', 'gzip').send(compressed) : reply.send(bytes);
  });
}
