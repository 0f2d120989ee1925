/** The state that stands on L1 when it is not ours: read from the calldata of whoever showed it. */

import type { ChannelClose, ChannelsReader } from '@quittance/chain';
import type { ChannelState, ChannelTerms } from '@quittance/protocol';

/** Blocks of one query, backwards from the head. */
const STEP = 2_000;
/** Searches that are remembered. A state is what its hash says, for ever. */
const MOST_REMEMBERED = 1_024;
/** Blocks after which a state that was not found is searched again: L1 may have been reorganized. */
const AGAIN_AFTER = 64;

export interface ShownOptions {
  readonly reader: Pick<ChannelsReader, 'events' | 'block' | 'shownState'>;
  /** Block of the deployment, or one before it. */
  readonly fromBlock: number;
}

/** What is looked for. */
export interface ShownClose {
  readonly vault: string;
  readonly terms: ChannelTerms;
  readonly close: Pick<ChannelClose, 'stateHash' | 'periodEnd'>;
  readonly head: number;
}

/** Reads states that others showed. */
export interface ShownStates {
  /** undefined when L1 does not have it where it could be read. @throws RollupError L1_UNREACHABLE. */
  standing(wanted: ShownClose): Promise<ChannelState | undefined>;
}

/** Remembers what it found. */
export function createShownStates({ reader, fromBlock }: ShownOptions): ShownStates {
  const known = new Map<string, { readonly found: Promise<ChannelState | undefined>; readonly head: number }>();

  async function search({ vault, terms, close, head }: ShownClose): Promise<ChannelState | undefined> {
    const closedAt = close.periodEnd - terms.period;
    for (let toBlock = head; toBlock >= fromBlock; toBlock -= STEP) {
      const from = Math.max(fromBlock, toBlock - STEP + 1);
      const events = await reader.events({ vault, fromBlock: from, toBlock });
      for (const event of events) {
        const isShowing = event.type === 'closing' || event.type === 'challenged';
        if (isShowing && event.stateHash === close.stateHash) return reader.shownState(event);
      }
      // Before its close nothing was shown.
      const first = await reader.block(from);
      if (first !== undefined && first.timestamp < closedAt) return undefined;
    }
    return undefined;
  }

  return {
    async standing(wanted) {
      const { stateHash } = wanted.close;
      const before = known.get(stateHash);
      if (before !== undefined && wanted.head - before.head < AGAIN_AFTER) return before.found;
      const found = search(wanted);
      if (known.size >= MOST_REMEMBERED) known.clear();
      // Whoever asks meanwhile waits for the same search.
      known.set(stateHash, { found, head: wanted.head });
      try {
        const state = await found;
        if (state !== undefined) known.set(stateHash, { found, head: Number.MAX_SAFE_INTEGER });
        return state;
      } catch (error) {
        known.delete(stateHash);
        throw error;
      }
    },
  };
}
