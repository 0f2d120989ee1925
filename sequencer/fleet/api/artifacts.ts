/** The key of a ceremony, for workers that do not have it: whole files in pieces, with their hashes. */

import { createReadStream, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { RollupError } from '@quittance/protocol';
import { type ArtifactManifest, sha256File } from '../../../prover/index.ts';
import type { WorkerIdentity } from '../types.ts';
import { createTurns } from './turns.ts';

export interface ArtifactsOptions {
  readonly circuit: string;
  readonly profile: { readonly name: string; readonly slotsPerChunk: number };
  /** Workers make a development key themselves. */
  readonly development: boolean;
  /** Paths by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Whoever takes nothing for so long is cut off. */
  readonly idleMs?: number;
}

/** Serves them. */
export interface Artifacts {
  manifest(): Promise<ArtifactManifest>;
  /** Sends a file, or the piece of it that `Range` names. @throws RollupError NOT_FOUND, RATE_LIMITED, OUT_OF_RANGE. */
  send(by: WorkerIdentity, name: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** Files that are sent at a time: to all, to strangers, and to one worker. */
const MAX_STREAMS = 16;
const MAX_MARKET_STREAMS = 8;
const MAX_OF_ONE = 2;
const IDLE_MS = 30_000;
const RETRY_SECONDS = 30;
const RANGE = /^bytes=(\d{1,15})-(\d{1,15})?$/;

interface Piece {
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

/** The piece that is asked for; undefined for all. @throws RollupError OUT_OF_RANGE for a piece beyond the end. */
function pieceOf(range: string | undefined, bytes: number): Piece | undefined {
  const found = range === undefined ? null : RANGE.exec(range);
  if (found === null) return undefined;
  const start = Number(found[1]);
  const end = Math.min(bytes - 1, found[2] === undefined ? bytes - 1 : Number(found[2]));
  if (start <= end) return { start, end };
  throw new RollupError('OUT_OF_RANGE', `the file has ${bytes} bytes`, { name: 'Range', expected: bytes });
}

/** Artifacts in these files. */
export function createArtifacts(options: ArtifactsOptions): Artifacts {
  const { circuit, profile, development, files, idleMs = IDLE_MS } = options;
  let manifest: Promise<ArtifactManifest> | undefined;
  const turns = createTurns('files are being fetched', RETRY_SECONDS);
  const make = async (): Promise<ArtifactManifest> => ({
    circuit,
    profile: profile.name,
    slotsPerChunk: profile.slotsPerChunk,
    development,
    files: await Promise.all(
      Object.entries(files).map(async ([name, path]) => {
        return { name, bytes: statSync(path).size, sha256: await sha256File(path) };
      }),
    ),
  });
  return {
    manifest() {
      // Hashing a gigabyte takes seconds: once, and again only after it failed.
      manifest ??= make().catch((error: unknown) => {
        manifest = undefined;
        throw error;
      });
      return manifest;
    },
    async send({ id, kind }, name, request, response) {
      const path = Object.hasOwn(files, name) ? files[name] : undefined;
      if (path === undefined) throw new RollupError('NOT_FOUND', 'there is no such file', { name });
      const bytes = statSync(path).size;
      const piece = pieceOf(request.headers.range, bytes);
      const { start, end } = piece ?? { start: 0, end: bytes - 1 };
      const leave = turns.enter([
        ['all', MAX_STREAMS],
        [`worker ${id}`, MAX_OF_ONE],
        ...(kind === 'market' ? ([['market', MAX_MARKET_STREAMS]] as const) : []),
      ]);
      try {
        response.setTimeout(idleMs, () => response.destroy());
        response.writeHead(piece === undefined ? 200 : 206, {
          'content-type': 'application/octet-stream',
          'content-length': end - start + 1,
          'accept-ranges': 'bytes',
          ...(piece === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${bytes}` }),
        });
        // Whoever goes away in the middle comes again for the rest.
        await pipeline(createReadStream(path, { start, end }), response).catch(() => undefined);
      } finally {
        leave();
      }
    },
  };
}
