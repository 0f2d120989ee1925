/** Plans the moves of a tower: pure. One channel has one move at a time, the most urgent. */

import { dueNow } from '@quittance/chain';
import type { Bytes32, ChannelState, ChannelTerms } from '@quittance/protocol';
import type { VaultClaim } from './claims.ts';
import {
  type ChannelView,
  closePhase,
  decisiveState,
  type L1Time,
  lastSecond,
  openHtlcs,
  secretPhase,
  sideOf,
} from './phases.ts';
import { CLOSE_TABLE, type CloseMove, type ClosePhase, SECRET_TABLE, STAGE_OF, type TowerMove } from './table.ts';
import type { WatchedState } from './types.ts';

/** A planned move. The same key means the same on L1. */
export type TowerTask = {
  readonly key: string;
  /** Unix seconds of L1 until which it has to be in a block; undefined when it can wait. */
  readonly until: number | undefined;
} & (
  | { readonly move: 'challenge'; readonly vault: string; readonly shown: WatchedState }
  | { readonly move: 'reveal'; readonly vault: string; readonly hash: Bytes32; readonly secret: Bytes32 }
  | {
      readonly move: 'requestExits';
      readonly vault: string;
      readonly terms: ChannelTerms;
      readonly indices: readonly number[];
    }
  | {
      readonly move: 'claim';
      readonly vault: string;
      readonly terms: ChannelTerms;
      readonly claim: VaultClaim;
    }
  | { readonly move: 'settle'; readonly vault: string; readonly terms: ChannelTerms; readonly state: ChannelState }
  | {
      readonly move: 'payout';
      readonly vault: string;
      readonly terms: ChannelTerms;
      readonly toB: boolean;
      /** Base units that are there for it. */
      readonly amount: bigint;
    }
  | { readonly move: 'collectBonds'; readonly credit: bigint }
);

/** What is to be done about a channel. */
export interface ChannelPlan {
  readonly vault: string;
  readonly phase: ClosePhase;
  /** The one move, `wait` or `none`. */
  readonly move: TowerMove | Extract<CloseMove, 'wait' | 'none'>;
  /** It, and what is done in its place when L1 would refuse it or it is not worth its gas. */
  readonly tasks: readonly TowerTask[];
  /** Unix seconds of L1 at which something can change by itself; undefined when only others change something. */
  readonly until: number | undefined;
}

/** What planning knows beside L1. */
export interface PlanOptions {
  /** Seconds before the end of an HTLC in which its secret is shown although nobody closes. */
  readonly revealBefore: number;
  /** Whether nothing but what runs out is done: by whoever watches for others. */
  readonly isGuard: boolean;
}

/** A channel with all that is known of it. */
export interface ChannelCase {
  readonly view: ChannelView;
  /** Our newest state as it can be shown. */
  readonly shown: WatchedState;
  readonly secrets: ReadonlyMap<Bytes32, Bytes32>;
}

/** The secrets to show now, the one with the least time first. */
function reveals({ view, secrets }: ChannelCase, phase: ClosePhase, time: L1Time, revealBefore: number): TowerTask[] {
  const state = decisiveState(view);
  return state.htlcs
    .flatMap((htlc): TowerTask[] => {
      const secret = secrets.get(htlc.hash);
      const known = secretPhase(htlc, state, view, secret !== undefined, time, revealBefore);
      if (SECRET_TABLE[known][STAGE_OF[phase]] !== 'reveal') return [];
      const { hash } = htlc;
      const until = lastSecond(htlc, view.close);
      return [{ move: 'reveal', key: `reveal:${hash}`, until, vault: view.vault, hash, secret: secret! }];
    })
    .sort((one, other) => one.until! - other.until!);
}

/** What the table of closes says, as a task. */
function closeTask({ view, shown }: ChannelCase, move: CloseMove): TowerTask | undefined {
  const { vault, terms, close, held, party } = view;
  const until = undefined;
  switch (move) {
    case 'challenge': {
      const { version } = shown.state;
      return { move, key: `challenge:${vault}:${version}`, until: close!.periodEnd, vault, shown };
    }
    case 'settle':
      return { move, key: `settle:${vault}`, until, vault, terms, state: view.standing! };
    case 'payout': {
      const toB = party === 'b';
      const amount = dueNow(close!, held, toB);
      return {
        move,
        key: `payout:${vault}:${close!.paidSenior + close!.paidResidual}`,
        until,
        vault,
        terms,
        toB,
        amount,
      };
    }
    case 'wait':
    case 'none':
      return undefined;
  }
}

function exitTasks({ view }: ChannelCase, phase: ClosePhase): TowerTask[] {
  const { vault, terms, exits: indices } = view;
  if (indices.length === 0 || phase === 'open') return [];
  return [{ move: 'requestExits', key: `exits:${vault}:${indices.join()}`, until: undefined, vault, terms, indices }];
}

/** The most first. */
function claimTasks({ view }: ChannelCase): TowerTask[] {
  const { vault, terms, claims } = view;
  const sorted = claims.toSorted((one, other) => (one.amount > other.amount ? -1 : 1));
  return sorted.map((claim) => ({ move: 'claim', key: `claim:${claim.key}`, until: undefined, vault, terms, claim }));
}

/** When something changes by itself. */
function nextChange({ view, secrets }: ChannelCase, phase: ClosePhase, time: L1Time, revealBefore: number) {
  const times: number[] = [];
  const { close } = view;
  if (close !== undefined && !close.isSettled) {
    times.push(close.periodEnd);
    for (const htlc of openHtlcs(view, time)) times.push(lastSecond(htlc, close) + 1);
  }
  if (phase === 'open') {
    for (const htlc of view.ours.state.htlcs) if (secrets.has(htlc.hash)) times.push(htlc.expiry - revealBefore);
  }
  const later = times.filter((at) => at > time.now);
  return later.length === 0 ? undefined : Math.min(...later);
}

/** The move about one channel. */
export function planChannel(one: ChannelCase, time: L1Time, { revealBefore, isGuard }: PlanOptions): ChannelPlan {
  const { view } = one;
  const phase = closePhase(view, time);
  const side = isGuard ? 'bystander' : sideOf(view);
  const move = CLOSE_TABLE[phase][side];
  const about = closeTask(one, move);
  const patient = about?.until === undefined ? about : undefined;
  const urgent = [...(patient === about ? [] : [about!]), ...reveals(one, phase, time, revealBefore)];
  urgent.sort((first, second) => first.until! - second.until!);
  // The rollup takes days for an exit, and a payout pays what has come.
  const before = side === 'party' ? [...exitTasks(one, phase), ...claimTasks(one)] : [];
  const tasks = [...urgent, ...before, ...(patient === undefined ? [] : [patient])];
  const rest = move === 'none' ? 'none' : 'wait';
  const until = nextChange(one, phase, time, revealBefore);
  return { vault: view.vault, phase, move: tasks[0]?.move ?? rest, tasks, until };
}

/** What comes first when nothing runs out: the same move of another channel is never kept back by one that can wait. */
const ORDER: readonly TowerMove[] = [
  'challenge',
  'reveal',
  'requestExits',
  'claim',
  'settle',
  'payout',
  'collectBonds',
];

/** Tasks of all channels by their first: what runs out first comes first, then the others by their order. */
export function orderTasks(lists: readonly (readonly TowerTask[])[]): readonly (readonly TowerTask[])[] {
  const end = ([task]: readonly TowerTask[]): number => task!.until ?? Number.MAX_SAFE_INTEGER;
  const place = ([task]: readonly TowerTask[]): number => ORDER.indexOf(task!.move);
  return lists
    .filter((tasks) => tasks.length > 0)
    .toSorted((one, other) => end(one) - end(other) || place(one) - place(other));
}

/** Our bonds, if there are any. */
export function collectTask(credit: bigint): TowerTask | undefined {
  return credit === 0n ? undefined : { move: 'collectBonds', key: 'collectBonds', until: undefined, credit };
}
