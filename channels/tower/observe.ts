/** Reads from L1 where a channel stands, all of it of one block. */

import type { BlockReference, ChannelClose, ChannelsReader } from '@quittance/chain';
import type { Bytes32, ChannelState } from '@quittance/protocol';
import { believe, type Candidates, type StateJudge } from './candidates.ts';
import type { VaultClaims } from './claims.ts';
import type { ExitFinder } from './exits.ts';
import type { Patience } from './patience.ts';
import { type ChannelView, decisiveState, type HashedState, type L1Time } from './phases.ts';
import type { ChannelCase } from './plan.ts';
import type { ShownStates } from './shown.ts';
import type { WatchedState } from './types.ts';

export interface ObserveOptions {
  readonly reader: Pick<ChannelsReader, 'closeOf' | 'revealedAt' | 'heldBy'>;
  readonly judge: StateJudge;
  readonly shown: ShownStates;
  /** Finds accounts of our vaults that still have money; undefined where nobody asks the rollup. */
  readonly exits: ExitFinder | undefined;
  /** Finds money that can be brought to our vaults; undefined where nobody reads batches. */
  readonly claims: VaultClaims | undefined;
  readonly revealBefore: number;
  /** The account that sends. */
  readonly account: string;
}

/** What a look saw of a channel. */
export type Observed =
  | { readonly vault: string; readonly one: ChannelCase }
  /** Of none of its states L1 would take one. */
  | { readonly vault: string; readonly problem: string };

/** The state that stands: ours if it has its hash, else as L1 has it, where that matters. */
async function standingState(
  { shown }: ObserveOptions,
  patience: Patience,
  ours: HashedState,
  { terms, vault }: WatchedState,
  close: ChannelClose,
  head: BlockReference,
): Promise<ChannelState | undefined> {
  if (close.stateHash === ours.hash) return ours.state;
  // One that is going to be challenged, or that is settled, needs nobody to know it.
  if (close.isSettled || (close.version < ours.state.version && head.timestamp < close.periodEnd)) return undefined;
  const wanted = { vault, terms, close, head: head.number };
  return patience.ask(vault, undefined, () => shown.standing(wanted));
}

/** When L1 had the secrets of these hashes. */
async function readRevealed(
  { reader }: ObserveOptions,
  hashes: readonly Bytes32[],
  head: BlockReference,
): Promise<ReadonlyMap<Bytes32, number>> {
  const times = await Promise.all(hashes.map((hash) => reader.revealedAt(hash, head.hash)));
  return new Map(hashes.flatMap((hash, place) => (times[place] === undefined ? [] : [[hash, times[place]] as const])));
}

/** Hashes about which L1 is asked: while nobody closes, those alone whose secret is here and due. */
function askedHashes(
  state: ChannelState,
  { secrets }: Candidates,
  close: ChannelClose | undefined,
  time: L1Time,
  revealBefore: number,
): readonly Bytes32[] {
  if (close?.isSettled === true) return [];
  const isAsked = close === undefined ? isDue(secrets, time, revealBefore) : () => true;
  return [...new Set(state.htlcs.filter(isAsked).map(({ hash }) => hash))];
}

const isDue =
  (secrets: Candidates['secrets'], time: L1Time, revealBefore: number) =>
  ({ hash, expiry }: ChannelState['htlcs'][number]): boolean =>
    secrets.has(hash) && time.now + revealBefore >= expiry && time.now < expiry;

/** Whether anything can be to do about a channel that nobody closes. */
function hasDue({ states, secrets }: Candidates, time: L1Time, revealBefore: number): boolean {
  return states.some(({ state }) => state.htlcs.some(isDue(secrets, time, revealBefore)));
}

/** What is asked only when nothing runs out (`observeMoney`). */
const NOT_ASKED = { held: 0n, exits: [], claims: [], isDrained: false } as const;

/**
 * Reads what moves with a deadline need of one channel.
 *
 * @throws RollupError L1_UNREACHABLE, and whatever else L1 says wrongly.
 */
export async function observeChannel(
  options: ObserveOptions,
  patience: Patience,
  candidates: Candidates,
  head: BlockReference,
  time: L1Time,
): Promise<Observed> {
  const { reader, judge, revealBefore, account } = options;
  const { vault, states, secrets } = candidates;
  const close = await reader.closeOf(vault, head.hash);
  // While nothing is to be shown, nobody looks at signatures.
  const isQuiet = close === undefined && !hasDue(candidates, time, revealBefore);
  const believed = isQuiet ? { shown: states[0]!, party: undefined } : believe(candidates, judge, account);
  if (believed === undefined) return { vault, problem: judge.problem(states[0]!)! };
  const { shown, party } = believed;
  const { terms, state } = shown;
  const ours = { state, hash: judge.hash(shown) };
  const standing = close && (await standingState(options, patience, ours, shown, close, head));
  const deciding = decisiveState({ standing, ours });
  const revealed = await readRevealed(options, askedHashes(deciding, candidates, close, time, revealBefore), head);
  return {
    vault,
    one: { view: { terms, vault, party, ours, close, standing, revealed, ...NOT_ASKED }, shown, secrets },
  };
}

/** Reads what is to be had for our party: money in the vault, and what the rollup still has for it. Nothing else waits for that. */
export async function observeMoney(
  { reader, exits, claims }: ObserveOptions,
  patience: Patience,
  one: ChannelCase,
  head: BlockReference,
): Promise<ChannelCase> {
  const { vault, terms, close, party } = one.view;
  if (close === undefined || party === undefined) return one;
  const closed = { vault, terms, close, head };
  const [held, inQueue, unpaid] = await Promise.all([
    close.isSettled ? patience.ask(vault, 0n, () => reader.heldBy(vault, terms.tokenId, head.hash)) : 0n,
    patience.ask(vault, undefined, async () => exits?.look(closed)),
    patience.ask(vault, undefined, async () => claims?.unpaid(vault, terms.tokenId)),
  ]);
  const isDrained = inQueue?.missing.length === 0 && inQueue.pendingCount === 0 && unpaid?.length === 0;
  const money = { held, exits: inQueue?.missing ?? [], claims: unpaid ?? [], isDrained };
  return { ...one, view: { ...one.view, ...money } satisfies ChannelView };
}
