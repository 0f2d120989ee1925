/** Where somebody stands on the way out, by L1 alone: what is to be done now, and what then. */

import type { Survey } from '@quittance/sdk';
import type { StepState } from '../text/life.ts';

/** What is next. Times in Unix seconds. */
export type Standing =
  /** Nothing is left in the rollup. */
  | { readonly state: 'nothing' }
  /** Final withdrawals wait to be claimed, and nothing else is in the rollup. */
  | { readonly state: 'claim' }
  /** Accounts have money that nobody asked L1 for. */
  | { readonly state: 'ask'; readonly accounts: readonly number[] }
  /** Requests stand: the sequencer has until `deadline`; the exodus can be opened from `dueAt` on, null where that is not known. */
  | { readonly state: 'wait'; readonly deadline: number; readonly dueAt: number | null }
  /** A request is overdue for long enough. */
  | { readonly state: 'open' }
  /** The exodus is open, and something is unpaid. */
  | { readonly state: 'pay' };

/** Accounts for which no request stands. */
function unasked({ accounts, requests }: Survey): readonly number[] {
  const asked = new Set(requests.map(({ account }) => account));
  return accounts.filter(({ hasExited }) => !hasExited).flatMap(({ index }) => (asked.has(index) ? [] : [index]));
}

/** Where the owner of a survey stands. */
export function standingOf(survey: Survey): Standing {
  const { accounts, requests, claims, exodus } = survey;
  const isIn = requests.length > 0 || accounts.some(({ hasExited }) => !hasExited);
  // Moves that nobody executed are paid in the exodus only; before, they may still arrive where they go.
  const isClaimable = claims.some(({ kind }) => kind === 'withdrawal' || exodus.state === 'active');
  if (!isIn) return { state: isClaimable ? 'claim' : 'nothing' };
  if (exodus.state === 'active') return { state: 'pay' };
  if (exodus.state === 'due') return { state: 'open' };
  const missing = unasked(survey);
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
