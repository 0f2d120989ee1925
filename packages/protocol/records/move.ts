import type { Outcome } from '../types.ts';
import { applyPayout } from './signed.ts';
import type { Step } from './step.ts';

/**
 * Kind 7: takes `amount` to another rollup, whose number in the list of destinations on L1 is `to`, for the key w0 there. To
 * the state it is a withdrawal; whether the destination exists is no rule.
 */
export function applyMove(step: Step): Outcome {
  return applyPayout(step, { destination: step.fields.to, keyY: step.words[0]! });
}
