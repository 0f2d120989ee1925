import type { Outcome } from '../types.ts';
import { applyPayout } from './signed.ts';
import type { Step } from './step.ts';

/** Kind 3: pays `amount` out to the account's owner on L1. */
export function applyWithdraw(step: Step): Outcome {
  return applyPayout(step);
}
