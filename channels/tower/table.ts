/**
 * What to do about a channel: tables over where its close stands on L1, whose side we are on, and what is known of its secrets.
 * Source: docs/channels.md, Closing alone.
 */

/**
 * Where the close stands.
 *
 * - `open`: nobody closes alone.
 * - `old`: an older state than ours stands, and can be challenged; `ours`: ours stands; `newer`: a newer one stands than we have.
 * - `pending`: the period is over, and the secret of an HTLC can still come; `ready`: every HTLC is paid or expired; `unknown`:
 *   the period is over, and the state that stands is not known here.
 * - `owed`: settled, and our party can be paid; `paid`: settled, and nothing is there for it now; `done`: nor is anything to come.
 */
export const CLOSE_PHASES = [
  'open',
  'old',
  'ours',
  'newer',
  'pending',
  'ready',
  'unknown',
  'owed',
  'paid',
  'done',
] as const;
export type ClosePhase = (typeof CLOSE_PHASES)[number];

/** Whose side we are on: a party's, or nobody's, with states only. */
export const TOWER_SIDES = ['party', 'bystander'] as const;
export type TowerSide = (typeof TOWER_SIDES)[number];

/** A move about the close. `wait` and `none` differ for people only: something is still to come, or nothing for us. */
export type CloseMove = 'none' | 'wait' | 'challenge' | 'settle' | 'payout';

/** An older state is challenged whoever we are: that is what a tower is for. */
export const CLOSE_TABLE: Readonly<Record<ClosePhase, Readonly<Record<TowerSide, CloseMove>>>> = {
  open: { party: 'none', bystander: 'none' },
  old: { party: 'challenge', bystander: 'challenge' },
  ours: { party: 'wait', bystander: 'wait' },
  newer: { party: 'wait', bystander: 'wait' },
  pending: { party: 'wait', bystander: 'none' },
  // It lets the parties be paid, and pays the bond to one of them: whoever gets nothing by it leaves it to them.
  ready: { party: 'settle', bystander: 'none' },
  unknown: { party: 'wait', bystander: 'none' },
  owed: { party: 'payout', bystander: 'none' },
  // More money may come: an exit that is not executed yet, a withdrawal that nobody claimed.
  paid: { party: 'wait', bystander: 'none' },
  done: { party: 'none', bystander: 'none' },
};

/**
 * What is known of the secret of an HTLC.
 *
 * - `others`: it pays the other party; `unknown`: nobody here has its secret.
 * - `held`: it is here, and L1 has not seen it; `due`: likewise, and its time runs out soon.
 * - `shown`: L1 has it in time; `expired`: its time is over.
 */
export const SECRET_PHASES = ['others', 'unknown', 'held', 'due', 'shown', 'expired'] as const;
export type SecretPhase = (typeof SECRET_PHASES)[number];

/** Whether nobody closes, somebody does, or the shares are fixed. */
export const CLOSE_STAGES = ['open', 'closing', 'settled'] as const;
export type CloseStage = (typeof CLOSE_STAGES)[number];

/** A secret that L1 has in time counts in every channel, closed or not: no HTLC forces a close. */
export const SECRET_TABLE: Readonly<Record<SecretPhase, Readonly<Record<CloseStage, 'none' | 'reveal'>>>> = {
  others: { open: 'none', closing: 'none', settled: 'none' },
  unknown: { open: 'none', closing: 'none', settled: 'none' },
  // While nobody closes the other party takes it without L1.
  held: { open: 'none', closing: 'reveal', settled: 'none' },
  due: { open: 'reveal', closing: 'reveal', settled: 'none' },
  shown: { open: 'none', closing: 'none', settled: 'none' },
  expired: { open: 'none', closing: 'none', settled: 'none' },
};

/** In which stage a close is. */
export const STAGE_OF: Readonly<Record<ClosePhase, CloseStage>> = {
  open: 'open',
  old: 'closing',
  ours: 'closing',
  newer: 'closing',
  pending: 'closing',
  ready: 'closing',
  unknown: 'closing',
  owed: 'settled',
  paid: 'settled',
  done: 'settled',
};

/** Everything that is sent. */
export type TowerMove = 'challenge' | 'reveal' | 'requestExits' | 'claim' | 'settle' | 'payout' | 'collectBonds';
