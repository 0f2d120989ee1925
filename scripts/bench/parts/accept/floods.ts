/** What an attacker sends: bodies of calls over and over, and connections that are a nuisance by themselves. */

import { readFileSync } from 'node:fs';

/** A flood. */
export type Flood =
  /** Connections that send their bodies in turn, each as soon as the one before is answered; opened again when closed. */
  | { readonly kind: 'calls'; readonly connections: number; readonly bodies: readonly Buffer[] }
  /** Bytes that are no calls, each on a connection of its own. */
  | { readonly kind: 'raw'; readonly connections: number; readonly requests: readonly Buffer[] }
  /** Connections that send `head` and then a byte a second. */
  | { readonly kind: 'slow'; readonly connections: number; readonly head: Buffer };

export const FLOOD_NAMES = [
  'badLists',
  'wideCalls',
  'proofs',
  'calls',
  'oddBodies',
  'deepNesting',
  'smuggling',
  'slowBodies',
  'idleSockets',
] as const;
export type FloodName = (typeof FLOOD_NAMES)[number];

/** Sizes as they were measured at first (design of execution, Fairness). */
const WIDE_KEYS = 200_000;
const PROOFS_PER_CALL = 100;
const DEPTH = 500_000;
const SLOW_BODIES = 1_000;
const IDLE_SOCKETS = 11_000;

const CORPUS = new URL('../../../../test/vectors/external/json_parsing_corpus.json', import.meta.url);

const call = (method: string, params: unknown): object => ({ jsonrpc: '2.0', id: 1, method, params });

/** The bodies of JSONTestSuite, and some that mean harm to objects. */
function oddBodies(): Buffer[] {
  const { cases } = JSON.parse(readFileSync(CORPUS, 'utf8')) as {
    readonly cases: readonly { base64?: string; repeat?: { unit: string; count: number; suffix: string } }[];
  };
  const corpus = cases.map(({ base64, repeat }) =>
    repeat === undefined
      ? Buffer.from(base64!, 'base64')
      : Buffer.from(repeat.unit.repeat(repeat.count) + repeat.suffix),
  );
  const prototypes = ['__proto__', 'constructor', 'prototype', 'toString'].map((key) =>
    Buffer.from(
      `{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":{"${key}":{"polluted":true}},"${key}":{"id":2}}`,
    ),
  );
  return [...corpus, ...prototypes].filter(({ length }) => length > 0);
}

/** Requests that two servers might read as different ones. */
function smuggled(): Buffer[] {
  const start = 'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
  const hidden = '0\r\n\r\nGET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n';
  return [
    `${start}content-length: ${hidden.length}\r\ntransfer-encoding: chunked\r\n\r\n${hidden}`,
    `${start}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n${hidden}`,
    `${start}content-length: 2\r\ncontent-length: 40\r\n\r\n{}`,
    `${start}transfer-encoding: xchunked\r\n\r\n${hidden}`,
    `${start}transfer-encoding : chunked\r\n\r\n${hidden}`,
    `${start}transfer-encoding: chunked\r\n\r\nffffffffffffffff0\r\n{}\r\n`,
    `${start}content-length: -1\r\n\r\n{}`,
    `${start}content-length: 99999999999999999999\r\n\r\n{}`,
    `${start}x: y\r\n folded: z\r\ncontent-length: 2\r\n\r\n{}`,
    `POST / HTTP/1.1\nhost: localhost\ncontent-length: 2\n\n{}`,
  ].map((text) => Buffer.from(text, 'latin1'));
}

/** What a flood needs of the rollup. */
export interface FloodMeans {
  /** Lists of transfers that are right but for their signatures. */
  readonly badLists: readonly Buffer[];
  /** Most connections of one flood. */
  readonly sockets: number;
}

/** The flood of a name. */
export function createFlood(name: FloodName, { badLists, sockets }: FloodMeans): Flood {
  const calls = (connections: number, bodies: readonly Buffer[]): Flood => ({
    kind: 'calls',
    connections: Math.min(connections, sockets),
    bodies,
  });
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  const keys = () => Object.fromEntries(Array.from({ length: WIDE_KEYS }, (_, key) => [`k${key}`, 0]));
  switch (name) {
    case 'badLists':
      return calls(4, badLists);
    case 'wideCalls':
      return calls(2, [json(call('eth_chainId', keys()))]);
    case 'proofs':
      return calls(4, [
        json(Array.from({ length: PROOFS_PER_CALL }, () => call('rollup_getProof', { index: 1, state: 'sealed' }))),
      ]);
    case 'calls':
      return calls(64, [json(call('eth_chainId', {}))]);
    case 'oddBodies':
      return calls(16, oddBodies());
    case 'deepNesting':
      return calls(4, [Buffer.from('['.repeat(DEPTH)), Buffer.from(`${'{"a":'.repeat(DEPTH / 5)}`)]);
    case 'smuggling':
      return { kind: 'raw', connections: Math.min(16, sockets), requests: smuggled() };
    case 'slowBodies': {
      const head =
        'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{';
      return { kind: 'slow', connections: Math.min(SLOW_BODIES, sockets), head: Buffer.from(head) };
    }
    case 'idleSockets':
      return { kind: 'slow', connections: Math.min(IDLE_SOCKETS, sockets), head: Buffer.alloc(0) };
  }
}
