/** Takes a copy of a database from a sequencer that runs: bounded by its own word, and as long as its hash says. */

import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { dirname } from 'node:path';
import { RollupError } from '@quittance/protocol';
import { copyInvalid } from '../../../storage/index.ts';
import { UsageError } from '../../process/errors.ts';

export interface FetchCopyOptions {
  /** Of the port that gives copies. */
  readonly url: string;
  readonly token: string;
  /** Where the bytes go; the file is made anew. */
  readonly path: string;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Longer is no first line. */
const MAX_HEAD_BYTES = 4_096;
/** A petabyte is no database. */
const MAX_BYTES = 2 ** 50;
/** The other side says so often that it is alive; a node that says nothing for so long is gone. */
const IDLE_MS = 60_000;

interface Head {
  readonly bytes: number;
  readonly sha256: string;
}

function unreachable(url: string, cause: unknown): RollupError {
  const message = `${url} gave no copy: ${(cause as Error).message}`;
  return new RollupError('RPC_UNREACHABLE', message, { url }, { cause });
}

/** Asks for the copy. @throws RollupError RPC_UNREACHABLE. */
function ask({ url, token, signal }: FetchCopyOptions): Promise<IncomingMessage> {
  const address = new URL('copy', url.endsWith('/') ? url : `${url}/`);
  const request = address.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const asked = request(address, { headers: { authorization: `Bearer ${token}` }, signal }, resolve);
    asked.setTimeout(IDLE_MS, () => asked.destroy(new Error(`it said nothing for ${IDLE_MS / 1_000} s`)));
    asked.once('error', (error) => reject(signal.aborted ? signal.reason : unreachable(url, error)));
    asked.end();
  });
}

/** What the other side says instead of a copy. */
async function refusalOf(response: IncomingMessage, url: string): Promise<Error> {
  let text = '';
  for await (const piece of response) {
    text += String(piece);
    if (text.length > MAX_HEAD_BYTES) break;
  }
  if (response.statusCode === 401)
    return new UsageError(`${url} does not know this token: see --copy-token-file there`);
  let said = `HTTP status ${response.statusCode}`;
  try {
    said = (JSON.parse(text) as { error: { message: string } }).error.message;
  } catch {
    // Whatever else it is, it is no copy.
  }
  return unreachable(url, new Error(said.slice(0, MAX_HEAD_BYTES)));
}

function parseHead(line: string): Head {
  let head: Partial<Head>;
  try {
    head = JSON.parse(line) as Partial<Head>;
  } catch (error) {
    throw copyInvalid('it does not begin with its length', error);
  }
  const { bytes, sha256 } = head ?? {};
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0 || bytes > MAX_BYTES) {
    throw copyInvalid(`its length is ${String(bytes)}`);
  }
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) throw copyInvalid('it has no hash');
  return { bytes, sha256 };
}

/** @throws RollupError RESOURCES_SHORT when the disk has no room for a copy: a full one stops whatever else writes to it. */
async function requireRoom(path: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  const free = bavail * bsize;
  if (bytes <= free) return;
  const message = `the copy has ${bytes} bytes, and the disk of ${path} has ${free} free`;
  throw new RollupError('RESOURCES_SHORT', message, { resource: 'disk', expected: bytes, actual: free });
}

/** Takes the answer apart: white space, the first line, the bytes. */
async function receive(
  response: AsyncIterable<Buffer>,
  { path, onProgress }: FetchCopyOptions,
): Promise<{ readonly head: Head | undefined; readonly done: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  const descriptor = openSync(path, 'wx', 0o600);
  let [head, line, done] = [undefined as Head | undefined, Buffer.alloc(0), 0];
  const keep = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    done += bytes.length;
    if (done > head!.bytes) throw copyInvalid(`it has more than the ${head!.bytes} bytes that it said`);
    hash.update(bytes);
    writeSync(descriptor, bytes);
    onProgress(done, head!.bytes);
  };
  try {
    for await (const piece of response) {
      if (head !== undefined) {
        keep(piece);
        continue;
      }
      line = Buffer.concat([line.toString().trim() === '' ? Buffer.alloc(0) : line, piece]);
      const end = line.indexOf(10);
      if (end < 0 && line.length > MAX_HEAD_BYTES) throw copyInvalid('it does not begin with its length');
      if (end < 0) continue;
      head = parseHead(line.subarray(0, end).toString());
      await requireRoom(path, head.bytes);
      keep(line.subarray(end + 1));
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return { head, done, sha256: hash.digest('hex') };
}

/**
 * Writes the copy to `path`. Nothing is said of what is in it.
 *
 * @returns how long it is. @throws RollupError RPC_UNREACHABLE when it does not come whole, COPY_INVALID when it is another than it
 * says, RESOURCES_SHORT when the disk has no room for it, UsageError for a token that is not known there, or the signal's reason. The file is removed then.
 */
export async function fetchCopy(options: FetchCopyOptions): Promise<number> {
  const { url, path, signal } = options;
  const response = await ask(options);
  if (response.statusCode !== 200) throw await refusalOf(response, url);
  try {
    const { head, done, sha256 } = await receive(response, options);
    if (head === undefined || done < head.bytes) {
      throw unreachable(url, new Error(`it ended after ${done} of ${head?.bytes ?? 'an unknown number of'} bytes`));
    }
    if (sha256 !== head.sha256) throw copyInvalid(`its hash is ${sha256}, it was said to be ${head.sha256}`);
    return done;
  } catch (error) {
    response.destroy();
    rmSync(path, { force: true });
    if (signal.aborted) throw signal.reason;
    throw error instanceof RollupError ? error : unreachable(url, error);
  }
}
