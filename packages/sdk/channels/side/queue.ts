/** Changes that wait for their version, in the order in which they came, each once. */

import type { ChannelChange } from '@quittance/protocol';
import type { Party } from '../joint-key.ts';
import { changeKey } from '../record.ts';
import type { Waiting } from './types.ts';

/** A queue. */
export interface Queue {
  readonly length: number;
  has(key: string): boolean;
  /** Those of a party. The same list until one of them leaves or comes. */
  of(party: Party): readonly ChannelChange[];
  push(one: Waiting): void;
  /** The first ones, at most so many. */
  take(most: number): readonly Waiting[];
  /** All others are dropped. */
  keep(isKept: (one: Waiting) => boolean): void;
}

/** An empty one. */
export function createQueue(): Queue {
  let waiting: Waiting[] = [];
  const keys = new Set<string>();
  const lists: Record<Party, readonly ChannelChange[]> = { a: [], b: [] };
  const left = (): void => {
    for (const party of ['a', 'b'] as const) {
      const list = waiting.filter(({ from }) => from === party).map(({ change }) => change);
      if (list.length !== lists[party].length) lists[party] = list;
    }
  };
  return {
    get length() {
      return waiting.length;
    },
    has: (key) => keys.has(key),
    of: (party) => lists[party],
    push(one) {
      waiting.push(one);
      keys.add(changeKey(one.change));
      lists[one.from] = [...lists[one.from], one.change];
    },
    take(most) {
      const taken = waiting.splice(0, most);
      for (const { change } of taken) keys.delete(changeKey(change));
      left();
      return taken;
    },
    keep(isKept) {
      for (const one of waiting) if (!isKept(one)) keys.delete(changeKey(one.change));
      waiting = waiting.filter(isKept);
      left();
    },
  };
}
