/**
 * A bounded queue in which senders take turns: first between addresses, then between the connections of one address. Who
 * sends much waits behind itself, and not before others.
 */

import { Largest } from './largest.ts';

/** Who sends something: an address on the network, and one of its connections. */
export interface Source {
  readonly address: string;
  readonly connection: string | number;
  /** Whether another node passed it on, for this address. */
  readonly isForwarded?: true;
}

/** Waiting items. */
export interface Turns<T> {
  /**
   * Puts an item behind the others of its source. When all places are taken, whoever has the most loses its newest one.
   *
   * @returns the item that lost its place: undefined, another one, or this one.
   */
  add(source: Source, item: T): T | undefined;
  /** Takes at most `count`, one from each source that waits, and again; those of one source in order. */
  take(count: number): T[];
  readonly size: number;
}

/** First in, first out. */
interface Lane<T> {
  readonly items: T[];
  /** Position of the first item that was not taken. */
  first: number;
}

interface Address<T> {
  /** By connection; the one whose turn is next comes first. */
  readonly lanes: Map<Source['connection'], Lane<T>>;
  /** Which connection has the most. */
  readonly largest: Largest<Source['connection']>;
  size: number;
}

const lengthOf = ({ items, first }: Lane<unknown>): number => items.length - first;

/** Takes the first item. What was taken is let go in one sweep, when it is more than half. */
function shift<T>(lane: Lane<T>): T {
  const item = lane.items[lane.first]!;
  lane.first += 1;
  if (2 * lane.first > lane.items.length) {
    lane.items.splice(0, lane.first);
    lane.first = 0;
  }
  return item;
}

/** The value of the first key, which comes last from now on. */
function rotate<Key, Value>(map: Map<Key, Value>): [Key, Value] {
  const [[key, value]] = map as unknown as [[Key, Value]];
  map.delete(key);
  map.set(key, value);
  return [key, value];
}

/** An empty queue for `limit` items. */
export function createTurns<T>(limit: number): Turns<T> {
  const addresses = new Map<string, Address<T>>();
  /** Which address has the most. */
  const largest = new Largest<string>();
  let size = 0;

  /** Counts an item of a lane that comes (1) or has gone (-1). */
  const count = (
    key: string,
    address: Address<T>,
    connection: Source['connection'],
    before: number,
    by: 1 | -1,
  ): void => {
    address.largest.change(connection, before, by);
    largest.change(key, address.size, by);
    address.size += by;
    size += by;
  };

  const remove = (key: string, address: Address<T>, connection: Source['connection'], lane: Lane<T>): void => {
    const left = lengthOf(lane);
    count(key, address, connection, left + 1, -1);
    if (left === 0) address.lanes.delete(connection);
    if (address.size === 0) addresses.delete(key);
  };

  const put = ({ address: key, connection }: Source, item: T): void => {
    const address = addresses.get(key) ?? { lanes: new Map(), largest: new Largest(), size: 0 };
    addresses.set(key, address);
    const lane = address.lanes.get(connection) ?? { items: [], first: 0 };
    address.lanes.set(connection, lane);
    count(key, address, connection, lengthOf(lane), 1);
    lane.items.push(item);
  };

  /** Takes the newest item away from whoever has the most. */
  const evict = (own: Source): T => {
    const key = largest.get(own.address);
    const address = addresses.get(key)!;
    const connection = address.largest.get(own.connection);
    const lane = address.lanes.get(connection)!;
    const item = lane.items.pop()!;
    remove(key, address, connection, lane);
    return item;
  };

  const next = (): T => {
    const [key, address] = rotate(addresses);
    const [connection, lane] = rotate(address.lanes);
    const item = shift(lane);
    remove(key, address, connection, lane);
    return item;
  };

  return {
    add(source, item) {
      put(source, item);
      return size > limit ? evict(source) : undefined;
    },
    take: (count) => Array.from({ length: Math.min(count, size) }, next),
    get size() {
      return size;
    },
  };
}
