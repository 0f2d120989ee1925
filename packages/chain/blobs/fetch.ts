/** Reads from a web server that may be down, slow, endless or wrong, in bounded time and memory. */

import { encodeBase64 } from 'ethers';
import { originFailed } from './origin.ts';

export interface FetchOptions {
  /** The server as people read it. */
  readonly name: string;
  /** Longer bodies are refused. */
  readonly maxBytes: number;
  /** For the answer with all of its body. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer; without its body when the status is no 200. */
export interface FetchAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** A web address without what may be a key: path, query and password. */
export function publicName(url: URL): string {
  return url.pathname === '/' && url.search === '' ? url.origin : `${url.origin}/…`;
}

/** What stands in an address for a name or a password; as it is where it was not encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** fetch refuses an address with a name and a password; they go into a header. */
function withoutPassword(url: URL): { readonly bare: URL; readonly headers: Record<string, string> } {
  if (url.username === '' && url.password === '') return { bare: url, headers: {} };
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  const pair = new TextEncoder().encode(`${decoded(url.username)}:${decoded(url.password)}`);
  return { bare, headers: { authorization: `Basic ${encodeBase64(pair)}` } };
}

/** `url` with `path` behind its own path; its query stays, for services whose key stands there. */
export function urlBelow(url: URL, path: string): URL {
  const below = new URL(url);
  below.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`;
  return below;
}

async function readBody(response: Response, { name, maxBytes }: FetchOptions): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      throw originFailed(name, `its answer has more than ${maxBytes} bytes`);
    }
    parts.push(value);
  }
  const body = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    body.set(part, offset);
    offset += part.length;
  }
  return body;
}

/**
 * GETs `url`.
 *
 * @throws RollupError BLOB_SOURCE_FAILED when no whole answer comes in time or it is too long, or the signal's reason.
 */
export async function fetchBounded(url: URL, options: FetchOptions): Promise<FetchAnswer> {
  const { name, timeoutMs, signal } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const { bare, headers } = withoutPassword(url);
  try {
    const either = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    const response = await fetch(bare, { headers, signal: either });
    if (response.status === 200) return { status: 200, body: await readBody(response, options) };
    await response.body?.cancel();
    return { status: response.status, body: new Uint8Array() };
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    if (timeout.aborted) throw originFailed(name, `no whole answer within ${timeoutMs} ms`, error);
    // What fetch throws hides why in its cause; our own error passes.
    if (!(error instanceof TypeError)) throw error;
    const { code, message } = (error.cause ?? {}) as { readonly code?: string; readonly message?: string };
    throw originFailed(name, `no answer: ${code ?? message ?? error.message}`, error);
  }
}
