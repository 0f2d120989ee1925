/** A beacon node that serves what a test gives it, or misbehaves as the test says. */

import type { ServerResponse } from 'node:http';
import { startServer, type TestServer } from '../l1/http.ts';

/** Of slot 0, and how long each lasts. */
const GENESIS_SECONDS = 1_606_824_023;
const SLOT_SECONDS = 12;

/** The time of a slot. */
export const timeOf = (slot: number): number => GENESIS_SECONDS + slot * SLOT_SECONDS;

export interface BeaconOptions {
  /** Blobs by slot. */
  readonly blobs: ReadonlyMap<number, readonly Uint8Array[]>;
  /** Answers instead of the node; false when it leaves the request to it. */
  readonly answer?: (path: string, response: ServerResponse) => boolean;
}

export interface TestBeacon extends TestServer {
  /** Paths with their queries, in the order in which they were asked for. */
  readonly paths: readonly string[];
}

const toHex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;

/** Starts it. It gives all blobs of a slot, whichever were asked for: nodes may. */
export async function startBeacon({ blobs, answer = () => false }: BeaconOptions): Promise<TestBeacon> {
  const paths: string[] = [];
  const server = await startServer((_body, response, { url = '' }) => {
    const path = url.slice(url.indexOf('/eth/'));
    paths.push(path);
    if (answer(path, response)) return;
    const slot = /^\/eth\/v1\/beacon\/blobs\/(\d+)/.exec(path)?.[1];
    const send = (data: unknown) => response.end(JSON.stringify({ data }));
    if (path === '/eth/v1/beacon/genesis') send({ genesis_time: String(GENESIS_SECONDS) });
    else if (path === '/eth/v1/config/spec') send({ SECONDS_PER_SLOT: String(SLOT_SECONDS) });
    else if (slot !== undefined && blobs.has(Number(slot))) send(blobs.get(Number(slot))!.map(toHex));
    else response.writeHead(404).end('{"code":404}');
  });
  // Spreading would read requestCount once.
  return Object.assign(Object.create(server) as TestServer, { paths, url: server.url, stop: server.stop });
}
