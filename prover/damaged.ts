/** The one error for files that do not hold what they should. */

import { type ErrorData, RollupError } from '@quittance/protocol';

/** ARTIFACT_DAMAGED: `reason` completes "is damaged: …" and says what to do where that is known. */
export function damaged(path: string, reason: string, data: ErrorData = {}): RollupError<'ARTIFACT_DAMAGED'> {
  return new RollupError('ARTIFACT_DAMAGED', `${path} is damaged: ${reason}`, { path, reason, ...data });
}
