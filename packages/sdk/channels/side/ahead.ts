/** The state behind changes that wait: computed once, and carried on by each that joins them. */

import type { ChannelChange, ChannelState } from '@quittance/protocol';
import { changeKey } from '../record.ts';
import type { Core } from './core.ts';

/** What there is behind a list of changes. */
interface Behind {
  /** The list. */
  readonly changes: readonly ChannelChange[];
  readonly state: ChannelState;
  /** Keys of all of them. */
  readonly keys: ReadonlySet<string>;
}

/** What was computed last, and what it stands on. */
interface Seen extends Behind {
  readonly base: ChannelState;
  readonly capacity: bigint;
  readonly isMoving: boolean;
  readonly keys: Set<string>;
}

/** What waits behind a state, for one side. States and lists are never changed: the same object says the same. */
export function createAhead(core: Core) {
  let seen: Seen | undefined;
  return {
    /** Behind changes of ours on `base`, as far as they can be made. */
    of(base: ChannelState, changes: readonly ChannelChange[]): Behind {
      const { capacity, isMoving } = core.record;
      const isSame = seen?.base === base && seen.changes === changes;
      if (seen === undefined || !isSame || seen.capacity !== capacity || seen.isMoving !== isMoving) {
        const keys = new Set(changes.map(changeKey));
        seen = { base, changes, capacity, isMoving, state: core.behind(base, changes), keys };
      }
      return seen;
    },
    /** One joined what was looked at last. @param changes the list with it. @param state behind it. */
    joined(change: ChannelChange, changes: readonly ChannelChange[], state: ChannelState): void {
      if (seen !== undefined) seen = { ...seen, changes, state, keys: seen.keys.add(changeKey(change)) };
    },
  };
}
