/** Which of the states at hand is believed: none that both parties did not sign, and of the others the newest. */

import {
  type Bytes32,
  type ChannelContract,
  channelStateHash,
  isSameAddress,
  recoverChannelSigner,
  secretHash,
} from '@quittance/protocol';
import type { Party } from '@quittance/sdk/channels';
import type { WatchedState } from './types.ts';

/** Judges states of the channels of one contract. */
export interface StateJudge {
  /** EIP-712 hash of a state. */
  hash(shown: WatchedState): Bytes32;
  /** Why L1 would not take it; undefined when it would. */
  problem(shown: WatchedState): string | undefined;
}

/** @param vaultOf address of the vault of these terms. */
export function createStateJudge(
  contract: ChannelContract,
  vaultOf: (terms: WatchedState['terms']) => string,
): StateJudge {
  const hash = ({ vault, state }: WatchedState): Bytes32 => channelStateHash(contract, vault, state);

  function examine(shown: WatchedState): string | undefined {
    const { terms, vault, signatures } = shown;
    try {
      const own = vaultOf(terms);
      if (!isSameAddress(own, vault)) return `its terms are those of the vault ${own}, not of ${vault}`;
      const digest = hash(shown);
      for (const [place, party] of (['a', 'b'] as const).entries()) {
        const signer = recoverChannelSigner(digest, signatures[place]!);
        if (!isSameAddress(signer, terms[party])) {
          return `${party.toUpperCase()}’s signature is that of ${signer}, not of ${terms[party]}`;
        }
      }
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  // A state is looked at once: recovering signers takes a millisecond, and there are many channels.
  const known = new WeakMap<WatchedState, { readonly problem: string | undefined }>();
  return {
    hash,
    problem(shown) {
      const found = known.get(shown) ?? { problem: examine(shown) };
      known.set(shown, found);
      return found.problem;
    },
  };
}

/** All that is at hand of one channel. */
export interface Candidates {
  readonly vault: string;
  /** The highest version first. */
  readonly states: readonly WatchedState[];
  /** By their hashes. */
  readonly secrets: ReadonlyMap<Bytes32, Bytes32>;
}

/** Sorts states by their channels. */
export function groupStates(states: readonly WatchedState[]): readonly Candidates[] {
  const byVault = new Map<string, WatchedState[]>();
  for (const one of states) {
    const key = one.vault.toLowerCase();
    const known = byVault.get(key);
    if (known === undefined) byVault.set(key, [one]);
    else known.push(one);
  }
  // A secret of one channel counts in every other one.
  const secrets = new Map<Bytes32, Bytes32>();
  for (const one of states) for (const secret of one.secrets) secrets.set(secretHash(secret), secret);
  return [...byVault.values()].map((all) => {
    const sorted = all.toSorted((one, other) => other.state.version - one.state.version);
    return { vault: sorted[0]!.vault, states: sorted, secrets };
  });
}

/** The newest state that L1 would take, and for whom we watch. */
export interface Believed {
  readonly shown: WatchedState;
  readonly party: Party | undefined;
}

/**
 * For whom we watch: whose account we have, or else whose files; of both parties we watch for nobody's money.
 *
 * @param believed states that L1 would take: others may say what they like.
 */
function partyOf(believed: readonly WatchedState[], account: string): Party | undefined {
  const { terms } = believed[0]!;
  if (isSameAddress(terms.a, account)) return 'a';
  if (isSameAddress(terms.b, account)) return 'b';
  const named = new Set(believed.flatMap(({ party }) => (party === undefined ? [] : [party])));
  return named.size === 1 ? [...named][0] : undefined;
}

/** What is believed of a channel; undefined when L1 would take none of its states. @param account that we send from. */
export function believe({ states }: Candidates, judge: StateJudge, account: string): Believed | undefined {
  const believed = states.filter((one) => judge.problem(one) === undefined);
  const [shown] = believed;
  return shown && { shown, party: partyOf(believed, account) };
}
