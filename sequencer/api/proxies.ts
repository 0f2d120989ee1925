/** Whose word for the address of a client is taken, for a server of Node alone: Fastify knows it by itself. */

import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Knows the proxies in front. */
export interface Proxies {
  has(address: string): boolean;
  /** The client of a request: of the addresses that `X-Forwarded-For` names, the last that is no proxy of ours. */
  clientOf(request: IncomingMessage): string;
}

/** IPv4 as a socket of both families has it. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Twin of what Fastify does with `trustProxy`. @param networks addresses or networks, like `10.0.0.0/8`. */
export function createProxies(networks: readonly string[]): Proxies {
  const list = new BlockList();
  for (const network of networks) {
    const [address, bits] = network.split('/') as [string, string?];
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  const has = (text: string): boolean => {
    const address = MAPPED.exec(text)?.[1] ?? text;
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
  return {
    has,
    clientOf({ socket, headers }) {
      let client = socket.remoteAddress ?? 'unknown';
      const named = String(headers['x-forwarded-for'] ?? '').split(',');
      while (has(client) && named.length > 0) {
        const before = named.pop()!.trim();
        if (before === '') break;
        client = before;
      }
      return client;
    },
  };
}
