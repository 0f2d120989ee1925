/** Reads from L1 where a channel stands, all of it of one block. */

import type { BlockReference, ChannelClose, ChannelsReader } from '@quittance/chain';
import { asRollupError, type Bytes32, type ChannelState, type RollupError } from '@quittance/protocol';
import { type Candidates, newestOf, type StateJudge } from './candidates.ts';
import type { VaultClaims } from './claims.ts';
import type { ClosedVault, ExitFinder } from './exits.ts';
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
  /** Something could not be asked that no move with a deadline needs. */
  readonly onTrouble: (vault: string, error: RollupError) => void;
}

/** What no move with a deadline needs must not keep one back. @throws what is no operating error. */
async function orElse<T>({ onTrouble }: ObserveOptions, vault: string, fallback: T, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    onTrouble(vault, asRollupError('looking at a channel', error));
    return fallback;
  }
}

/** What a look saw of a channel. */
export type Observed =
  | { readonly vault: string; readonly one: ChannelCase }
  /** Of none of its states L1 would take one. */
  | { readonly vault: string; readonly problem: string };

/** The state that stands: ours if it has its hash, else as L1 has it, where that matters. */
async function standingState(
  options: ObserveOptions,
  ours: HashedState,
  { terms, vault }: WatchedState,
  close: ChannelClose,
  head: BlockReference,
): Promise<ChannelState | undefined> {
  if (close.stateHash === ours.hash) return ours.state;
  // One that is going to be challenged, or that is settled, needs nobody to know it.
  if (close.isSettled || (close.version < ours.state.version && head.timestamp < close.periodEnd)) return undefined;
  const wanted = { vault, terms, close, head: head.number };
  return orElse(options, vault, undefined, () => options.shown.standing(wanted));
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

const NOTHING = { exits: [], claims: [], isDrained: false } as const;

/** What the rollup still has for the vault of our party. */
async function observeRollup(
  options: ObserveOptions,
  closed: ClosedVault,
): Promise<Pick<ChannelView, 'exits' | 'claims' | 'isDrained'>> {
  const { vault, terms } = closed;
  const exits = await orElse(options, vault, undefined, async () => options.exits?.look(closed));
  const claims = await orElse(options, vault, undefined, async () => options.claims?.unpaid(vault, terms.tokenId));
  const isDrained = exits?.missing.length === 0 && exits.pendingCount === 0 && claims?.length === 0;
  return { exits: exits?.missing ?? [], claims: claims ?? [], isDrained };
}

/** Reads one channel. @throws RollupError L1_UNREACHABLE, and whatever else L1 says wrongly. */
export async function observeChannel(
  options: ObserveOptions,
  candidates: Candidates,
  head: BlockReference,
  time: L1Time,
): Promise<Observed> {
  const { reader, judge, revealBefore } = options;
  const { vault, party, secrets } = candidates;
  const close = await reader.closeOf(vault, head.hash);
  // While nothing is to be shown, nobody looks at signatures.
  const isQuiet = close === undefined && !hasDue(candidates, time, revealBefore);
  const shown = isQuiet ? candidates.states[0]! : newestOf(candidates, judge);
  if (shown === undefined) return { vault, problem: judge.problem(candidates.states[0]!)! };
  const { terms, state } = shown;
  const ours = { state, hash: judge.hash(shown) };
  const standing = close && (await standingState(options, ours, shown, close, head));
  const deciding = decisiveState({ standing, ours });
  const revealed = await readRevealed(options, askedHashes(deciding, candidates, close, time, revealBefore), head);
  const held = close?.isSettled === true ? await reader.heldBy(vault, terms.tokenId, head.hash) : 0n;
  const inRollup = close && party && (await observeRollup(options, { vault, terms, close, head }));
  const view: ChannelView = { terms, vault, party, ours, close, standing, revealed, held, ...(inRollup ?? NOTHING) };
  return { vault, one: { view, shown, secrets } };
}
