/** How the records of a batch come to L1. Source: docs/protocol.md, Data. */

import { RollupError } from '../errors/index.ts';

/**
 * `calldata`: blocks of records, for proven and asserted batches. `coefficients`: one blob of the same blocks, for proven
 * ones. `evaluations`: blobs of records and authorizations, for asserted ones.
 */
export type BatchForm = 'calldata' | 'coefficients' | 'evaluations';

/** The forms at their numbers on L1 (contracts/libraries/Constants.sol, FORM_…). */
const FORMS: readonly BatchForm[] = ['calldata', 'coefficients', 'evaluations'];

/** The number of a form on L1. */
export function formNumber(form: BatchForm): number {
  return FORMS.indexOf(form);
}

/** Inverse of `formNumber`. @throws RollupError OUT_OF_RANGE for a number that is none. */
export function formOf(number: number): BatchForm {
  const form = FORMS[number];
  if (form === undefined) {
    throw new RollupError('OUT_OF_RANGE', `${number} is no form of data`, { actual: number, expected: '0 to 2' });
  }
  return form;
}
