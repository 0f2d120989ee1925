/** What somebody has in a rollup, by L1 alone; what reads L1 is loaded when it is asked for. */

import type { Survey, SurveyOptions } from './l1/survey.ts';

/**
 * Reads from L1 alone what somebody has: accounts, unpaid withdrawals, requests; and whether the exodus is open or due. It signs
 * nothing and sends nothing.
 *
 * @throws RollupError INVALID_ADDRESS or ZERO_OWNER; CONFIG_INVALID; L1_WRONG_CHAIN; LIE_FINAL, BLOB_UNAVAILABLE or
 * L1_INCONSISTENT when L1 cannot be rebuilt; L1_UNREACHABLE; or the signal's reason.
 * @example const { accounts, exodus } = await surveyL1({ l1: { url: 'http://127.0.0.1:8545', contract: '0x…' }, owner: '0x…' });
 */
export async function surveyL1(options: SurveyOptions): Promise<Survey> {
  const { readSurvey } = await import('./l1/survey.ts');
  return readSurvey(options);
}
