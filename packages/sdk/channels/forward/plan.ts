/**
 * What to do about an HTLC that is for us: a table over what is known of where it goes and how much time there is. About one of
 * ours there is nothing to do: whom it is for fulfills or releases it. Pure. Source: docs/channels.md, Routes.
 */

import type { Bytes32 } from '@quittance/protocol';
import type { KeptHtlc, KeptInvoice } from '../exchange/index.ts';
import { CLOCKS_APART } from '../side/index.ts';
import type { ForwardPolicy } from './policy.ts';

/**
 * What is known of an HTLC that is for us.
 *
 * - `secret`: its secret; from whom we passed it on to, from L1, or since it pays an invoice of ours.
 * - `open`: it is passed on, or we asked for that; whoever has it may still show the secret.
 * - `dead`: it was passed on and came back, or can never be fulfilled any more.
 * - `unknown`: it was passed on, and our copy of that channel is too old to know more.
 * - `fresh`: nothing was done about it, and it can be passed on.
 * - `refused`: nothing was done about it, and nothing will be.
 */
export const KNOWLEDGE = ['secret', 'open', 'dead', 'unknown', 'fresh', 'refused'] as const;
export type Knowledge = (typeof KNOWLEDGE)[number];

/**
 * How much time there is.
 *
 * - `early`: enough; `urgent`: the secret has to be shown on L1 soon, if at all; `late`: no channel takes it any more, L1 may.
 * - `over`: nobody takes it any more, and L1 may have it since before. A secret that is shown now is given away for nothing.
 * - `expired`: over, and L1 is sure to have no secret of it in time; `shown`: L1 has it in time, so it counts for ever.
 */
export const PHASES = ['early', 'urgent', 'late', 'over', 'expired', 'shown'] as const;
export type Phase = (typeof PHASES)[number];

/**
 * - `fulfill`: the secret is told to who pays; `reveal`: that, and it is shown on L1.
 * - `release`: it is given back; `pass`: it is passed on; `wait`: nothing.
 */
export type ForwardMove = 'fulfill' | 'reveal' | 'release' | 'pass' | 'wait';

/** The whole table. */
export const FORWARD_TABLE: Readonly<Record<Knowledge, Readonly<Record<Phase, ForwardMove>>>> = {
  secret: { early: 'fulfill', urgent: 'reveal', late: 'reveal', over: 'wait', expired: 'release', shown: 'fulfill' },
  // Without a word from whom it was passed on to, nobody may have it back before it is surely dead there.
  open: { early: 'wait', urgent: 'wait', late: 'wait', over: 'wait', expired: 'wait', shown: 'wait' },
  dead: { early: 'release', urgent: 'release', late: 'release', over: 'release', expired: 'release', shown: 'wait' },
  unknown: { early: 'wait', urgent: 'wait', late: 'wait', over: 'wait', expired: 'release', shown: 'wait' },
  fresh: { early: 'pass', urgent: 'release', late: 'release', over: 'release', expired: 'release', shown: 'wait' },
  refused: {
    early: 'release',
    urgent: 'release',
    late: 'release',
    over: 'release',
    expired: 'release',
    shown: 'release',
  },
};

/** Looks up the move. */
export function forwardMove(knowledge: Knowledge, phase: Phase): ForwardMove {
  return FORWARD_TABLE[knowledge][phase];
}

/** What time it is, and what L1 says of a hash. */
export interface Times {
  /** Ours, in Unix seconds. */
  readonly now: number;
  /** That of L1's newest confirmed block, as far as is known. */
  readonly l1: number;
  /** When L1 had the secret of the hash; undefined when it had not, as far as is known. */
  readonly shownAt?: number | undefined;
  /** L1's time when it had no secret of the hash. */
  readonly unshownAt?: number | undefined;
}

/** Whether L1 has the secret since before the expiry. */
export const isShown = ({ shownAt }: Times, expiry: number): boolean => shownAt !== undefined && shownAt <= expiry;

/** Whether an HTLC can be fulfilled nowhere any more: its time is over by both clocks, and L1 had no secret in it. */
export function isOver({ now, shownAt, unshownAt }: Times, expiry: number): boolean {
  const surelyUnshown = shownAt === undefined ? unshownAt !== undefined && unshownAt > expiry : shownAt > expiry;
  return now > expiry && surelyUnshown;
}

/** How much time there is for an HTLC that is for us. */
export function phaseOf(times: Times, expiry: number, { revealBefore }: Pick<ForwardPolicy, 'revealBefore'>): Phase {
  const latest = Math.max(times.now, times.l1);
  if (isShown(times, expiry)) return 'shown';
  if (isOver(times, expiry)) return 'expired';
  if (latest > expiry) return 'over';
  if (latest + CLOCKS_APART > expiry) return 'late';
  return latest + revealBefore > expiry ? 'urgent' : 'early';
}

/** Our lock that was asked for, and may be made. */
export interface PendingLock {
  readonly vault: string;
  readonly expiry: number;
}

/** All that is known of a hash. */
export interface HashView {
  /** Of all channels. */
  readonly kept: readonly KeptHtlc[];
  readonly pending: PendingLock | undefined;
  /** By whatever way. */
  readonly secret: Bytes32 | undefined;
  /** Ours with this hash. */
  readonly invoice: KeptInvoice | undefined;
  /** Why it was not passed on when we tried. */
  readonly refusal: string | undefined;
  /** Whether an HTLC of ours is in the channel's state, and no secret of it on its way. */
  readonly isUnanswered: (htlc: KeptHtlc) => boolean;
}

/** What is known, with the secret or why it is released. */
export interface Known {
  readonly knowledge: Knowledge;
  readonly secret?: Bytes32;
  readonly reason?: string;
}

const refused = (reason: string): Known => ({ knowledge: 'refused', reason });

/** What is known of an HTLC in its own channel. */
export interface InChannel {
  readonly tokenId: number;
  /** Whether who pays may have been told the secret. */
  readonly wasTold: boolean;
  /** Whether its release was asked for: it may be made at any time. */
  readonly isGivenBack: boolean;
}

/** Whether an HTLC for us pays an invoice of ours. */
function knownOfInvoice(
  htlc: KeptHtlc,
  { tokenId, wasTold }: InChannel,
  invoice: KeptInvoice,
  { now }: Times,
  policy: ForwardPolicy,
): Known {
  const { secret } = invoice;
  // Who was told the secret has the receipt: there is no way back.
  if (wasTold) return { knowledge: 'secret', secret };
  if (invoice.tokenId !== tokenId) return refused('UNKNOWN_HASH');
  if (invoice.paid !== undefined) return refused('ALREADY_PAID');
  if (htlc.amount < invoice.amount) return refused('AMOUNT_TOO_LOW');
  if (invoice.isShown === true) return { knowledge: 'secret', secret };
  if (now > invoice.expiresAt) return refused('EXPIRED');
  if (htlc.expiry < now + policy.leastTime) return refused('EXPIRY_TOO_SOON');
  return { knowledge: 'secret', secret };
}

/** What is known of an HTLC that was passed on, or is to be. */
function knownOfOutgoing(htlc: KeptHtlc, view: HashView, times: Times): Known | undefined {
  const outgoing = view.kept.filter(({ isOutgoing }) => isOutgoing);
  for (const one of outgoing) {
    if (one.end !== undefined) continue;
    return { knowledge: isOver(times, one.expiry) && view.isUnanswered(one) ? 'dead' : 'open', reason: 'EXPIRED' };
  }
  if (view.pending !== undefined) {
    return { knowledge: isOver(times, view.pending.expiry) ? 'dead' : 'open', reason: 'EXPIRED' };
  }
  const ended = outgoing.findLast(({ order }) => order > htlc.order)?.end;
  if (ended?.type === 'forgotten') return { knowledge: 'unknown', reason: 'EXPIRED' };
  if (ended?.type === 'release') return { knowledge: 'dead', reason: ended.reason ?? 'RELEASED' };
  return undefined;
}

/** What is known of an HTLC that is for us, but for whether it can be passed on: undefined when that is the question. */
export function knownOf(
  htlc: KeptHtlc,
  channel: InChannel,
  view: HashView,
  times: Times,
  policy: ForwardPolicy,
): Known | undefined {
  if (channel.isGivenBack) return refused('RELEASED');
  // One at a time: who comes second could be taken money of for what only the first one is passed on.
  const isFirst = view.kept.every((one) => one.isOutgoing || one.order >= htlc.order);
  if (view.invoice !== undefined) {
    const known = knownOfInvoice(htlc, channel, view.invoice, times, policy);
    return isFirst || channel.wasTold ? known : refused('HASH_IN_USE');
  }
  if (view.secret !== undefined) return { knowledge: 'secret', secret: view.secret };
  if (!isFirst) return refused('HASH_IN_USE');
  return knownOfOutgoing(htlc, view, times) ?? (view.refusal === undefined ? undefined : refused(view.refusal));
}
