/** Where somebody stands on the way out, by L1 alone: what is to be done now, and what then. */

import type { Survey } from '@quittance/sdk';
import type { StepState } from '../text/life.ts';

/** What is next. Times in Unix seconds. */
export type Standing =
  /** Nothing is left in the rollup that is worth leaving with. */
  | { readonly state: 'nothing' }
  /** Final withdrawals wait to be claimed, and nothing else is in the rollup. */
  | { readonly state: 'claim' }
  /** Chosen accounts have money that nobody asked L1 for. */
  | { readonly state: 'ask'; readonly accounts: readonly number[] }
  /** Requests stand: the sequencer has until `deadline`; the exodus can be opened from `dueAt` on, null where that is not known. */
  | { readonly state: 'wait'; readonly deadline: number; readonly dueAt: number | null }
  /** A request is overdue for long enough. */
  | { readonly state: 'open' }
  /** The exodus is open, and something is unpaid. */
  | { readonly state: 'pay' };

/** The accounts that are worth leaving with, as the SDK chooses them. */
export function worthwhile({ accounts }: Survey): readonly number[] {
  return accounts.filter(({ hasExited, left }) => !hasExited && left === null).map(({ index }) => index);
}

/**
 * Where the owner of a survey stands.
 *
 * @param chosen accounts to leave with: those that are worth it if not given.
 */
export function standingOf(survey: Survey, chosen: readonly number[] = worthwhile(survey)): Standing {
  const { accounts, requests, claims, exodus } = survey;
  const isOpen = exodus.state === 'active';
  const wanted = accounts.filter(({ index, hasExited }) => !hasExited && chosen.includes(index));
  const isIn = wanted.length > 0 || requests.some(({ isDust }) => !isOpen || !isDust);
  // Moves that nobody executed are paid in the exodus only; before, they may still arrive where they go.
  const isClaimable = claims.some(({ kind, isDust }) => !isDust && (kind === 'withdrawal' || isOpen));
  if (!isIn) return { state: isClaimable ? 'claim' : 'nothing' };
  if (isOpen) return { state: 'pay' };
  if (exodus.state === 'due') return { state: 'open' };
  const asked = new Set(requests.map(({ account }) => account));
  const missing = wanted.flatMap(({ index }) => (asked.has(index) ? [] : [index]));
  if (missing.length > 0) return { state: 'ask', accounts: missing };
  const deadline = Math.max(...requests.map((request) => request.deadline));
  return { state: 'wait', deadline, dueAt: exodus.dueAt };
}

/** The steps of the way out, by name. */
export const STEPS = ['Ask L1 to pay you out', 'Wait for the sequencer', 'Open the exodus', 'Be paid on L1'] as const;

const POSITION: Readonly<Record<Standing['state'], number>> = {
  ask: 0,
  wait: 1,
  open: 2,
  pay: 3,
  claim: 3,
  nothing: 4,
};

/** The states of these steps. */
export function stepStates({ state }: Standing): readonly StepState[] {
  const position = POSITION[state];
  return STEPS.map((_, index) => (index < position ? 'done' : index === position ? 'now' : 'next'));
}
