/**
 * A bounded queue in which senders take turns: first between addresses, then between the connections of one address. Who
 * sends much waits behind itself, and not before others.
 */

/** Who sends something: an address on the network, and one of its connections. */
export interface Source {
  readonly address: string;
  readonly connection: string | number;
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

/** The entry with the largest measure: `own` if no other one has more. */
function largest<Key, Value>(
  map: ReadonlyMap<Key, Value>,
  own: Key,
  measure: (value: Value) => number,
): readonly [Key, Value] {
  const value = map.get(own);
  let most: readonly [Key, Value] | undefined = value === undefined ? undefined : [own, value];
  for (const entry of map) if (most === undefined || measure(entry[1]) > measure(most[1])) most = entry;
  return most!;
}

/** An empty queue for `limit` items. */
export function createTurns<T>(limit: number): Turns<T> {
  const addresses = new Map<string, Address<T>>();
  let size = 0;

  const remove = (key: string, address: Address<T>, connection: Source['connection'], lane: Lane<T>): void => {
    size -= 1;
    address.size -= 1;
    if (lengthOf(lane) === 0) address.lanes.delete(connection);
    if (address.size === 0) addresses.delete(key);
  };

  const put = ({ address: key, connection }: Source, item: T): void => {
    const address = addresses.get(key) ?? { lanes: new Map(), size: 0 };
    addresses.set(key, address);
    const lane = address.lanes.get(connection) ?? { items: [], first: 0 };
    address.lanes.set(connection, lane);
    lane.items.push(item);
    address.size += 1;
    size += 1;
  };

  /** Takes the newest item away from whoever has the most: only when there is no place, so its loops are rare. */
  const evict = (own: Source): T => {
    const [key, address] = largest(addresses, own.address, (candidate) => candidate.size);
    const [connection, lane] = largest(address.lanes, own.connection, lengthOf);
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
