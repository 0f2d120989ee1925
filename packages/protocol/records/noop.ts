import type { Outcome } from '../types.ts';
import { type Step, valid } from './step.ts';

/** Kind 0: fills a chunk and changes nothing. */
export function applyNoop(step: Step): Outcome {
  return valid([], step.fees);
}
