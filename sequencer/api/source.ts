/** Who a request comes from, as limits and turns see it. */

import { isIPv4, isIPv6, type Socket } from 'node:net';
import type { Source } from '../mempool/turns.ts';

const GROUPS = 8;
/** An IPv6 customer has at least this many of the leading groups to himself, so that all behind them are one. */
const OWN_GROUPS = 4;
/** Longer ones than any address; a proxy may pass on whatever text a client gave. */
const MAX_LENGTH = 64;

/** The address that counts: of IPv6 its first 64 bits, of IPv4 within IPv6 the IPv4. */
export function countedAddress(address: string): string {
  if (!isIPv6(address)) return address.slice(0, MAX_LENGTH);
  const [text] = address.split('%') as [string];
  const embedded = text.slice(text.lastIndexOf(':') + 1);
  if (isIPv4(embedded)) return text.toLowerCase().startsWith('::ffff:') ? embedded : 'IPv4 within IPv6';
  const [head, tail] = text.split('::') as [string, string | undefined];
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(Math.max(0, GROUPS - groups.length - rest.length)).fill('0');
  const all = [...groups, ...zeros, ...rest].map((group) => Number.parseInt(group, 16).toString(16));
  return `${all.slice(0, OWN_GROUPS).join(':')}::/64`;
}

/** Numbers connections, so that those of one address can take turns. */
export function createSources(): (address: string, socket: Socket) => Source {
  const sources = new WeakMap<Socket, Source>();
  let connection = 0;
  return (ip, socket) => {
    const known = sources.get(socket);
    const address = countedAddress(ip);
    // Through one connection of a proxy come the requests of many.
    if (known?.address === address) return known;
    const source = { address, connection: known?.connection ?? connection++ };
    sources.set(socket, source);
    return source;
  };
}
