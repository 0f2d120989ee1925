/** Who a request comes from, as limits and turns see it. */

import { isIPv4, isIPv6, type Socket } from 'node:net';
import type { Source } from '../mempool/turns.ts';

const GROUPS = 8;
/** An IPv6 customer has at least this many of the leading groups to himself, so that all behind them are one. */
const OWN_GROUPS = 4;
/** Longer ones than any address; a proxy may pass on whatever text a client gave. */
const MAX_LENGTH = 64;

/** Groups before the IPv4 that an IPv6 address holds: those that Node gives, and those of a translator (RFC 6052). */
const EMBEDDING = ['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0'];

/** The groups of a part of an IPv6 address; an IPv4 at its end is two of them. */
function groupsOf(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!isIPv4(group)) return [Number.parseInt(group, 16)];
    const [a, b, c, d] = group.split('.').map(Number) as [number, number, number, number];
    return [a * 256 + b, c * 256 + d];
  });
}

/** The address that counts: of IPv6 its first 64 bits, of IPv4 within IPv6 the IPv4. */
export function countedAddress(address: string): string {
  if (!isIPv6(address)) return address.slice(0, MAX_LENGTH);
  const [text] = address.split('%') as [string];
  const [head, tail = ''] = text.split('::') as [string, string | undefined];
  const [groups, rest] = [groupsOf(head), groupsOf(tail)];
  const zeros = Array<number>(Math.max(0, GROUPS - groups.length - rest.length)).fill(0);
  const all = [...groups, ...zeros, ...rest];
  const [high, low] = all.slice(-2) as [number, number];
  const hex = (count: number): string =>
    all
      .slice(0, count)
      .map((group) => group.toString(16))
      .join(':');
  if (EMBEDDING.includes(hex(GROUPS - 2))) return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  return `${hex(OWN_GROUPS)}::/64`;
}

/** Numbers connections, so that those of one address can take turns. */
export function createSources(): (address: string, socket: Socket, isForwarded?: boolean) => Source {
  const sources = new WeakMap<Socket, Source>();
  let connection = 0;
  return (ip, socket, isForwarded = false) => {
    const known = sources.get(socket);
    const address = countedAddress(ip);
    // Through one connection of a proxy, or of another node, come the requests of many.
    if (known?.address === address && (known.isForwarded ?? false) === isForwarded) return known;
    const own = { address, connection: known?.connection ?? connection++ };
    const source: Source = isForwarded ? { ...own, isForwarded } : own;
    sources.set(socket, source);
    return source;
  };
}
