/**
 * What to do about a waiting batch as a whole, and about one dispute: who gets a bond back and when.
 * Source: docs/protocol.md, Finality and Disputes.
 */

import type { Verdict } from '../replay/verdict.ts';

/**
 * Where an assertion stands. `running`: its clocks run; `ready`: it can be made final, as can all before it; `final`;
 * `removed`: it can never become final, and its bond waits to be released; `rejected`: its bond is gone; `done`: there is
 * no bond left.
 */
export const ASSERTION_PHASES = ['running', 'ready', 'final', 'removed', 'rejected', 'done'] as const;
export type AssertionPhase = (typeof ASSERTION_PHASES)[number];

export type AssertionMove = 'none' | 'finalize' | 'release';

/** Making a batch final is left to others unless the replay found it right: nobody should help a lie. */
export const ASSERTION_TABLE: Readonly<Record<Verdict, Readonly<Record<AssertionPhase, AssertionMove>>>> = {
  unverified: {
    running: 'none',
    ready: 'none',
    final: 'none',
    removed: 'release',
    rejected: 'none',
    done: 'none',
  },
  right: {
    running: 'none',
    ready: 'finalize',
    // The same batch became final by a proof: the bond stayed behind.
    final: 'release',
    removed: 'release',
    rejected: 'none',
    done: 'none',
  },
  wrong: {
    running: 'none',
    ready: 'none',
    final: 'none',
    removed: 'release',
    rejected: 'none',
    done: 'none',
  },
};

/**
 * Where a dispute stands. `running`: undecided; `refundable`: the assertion was rejected or removed, or the chunk proven;
 * `lost`: answered, not proven, and the step window is over; `settled`: its bond was paid out.
 */
export const DISPUTE_PHASES = ['running', 'refundable', 'lost', 'settled'] as const;
export type DisputePhase = (typeof DISPUTE_PHASES)[number];

/** Whose dispute it is, seen from our account: we opened it, it is about our assertion, or neither. */
export const DISPUTE_SIDES = ['disputer', 'asserter', 'bystander'] as const;
export type DisputeSide = (typeof DISPUTE_SIDES)[number];

/** `settleForOther` gains us nothing: only mode `resolve` makes it. */
export type DisputeMove = 'none' | 'settle' | 'settleForOther';

/** Whoever a settlement pays makes it; the losing side leaves it to them. */
export const DISPUTE_TABLE: Readonly<Record<DisputeSide, Readonly<Record<DisputePhase, DisputeMove>>>> = {
  disputer: { running: 'none', refundable: 'settle', lost: 'none', settled: 'none' },
  asserter: { running: 'none', refundable: 'settleForOther', lost: 'settle', settled: 'none' },
  bystander: { running: 'none', refundable: 'settleForOther', lost: 'settleForOther', settled: 'none' },
};
