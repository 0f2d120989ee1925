/** What a signed transfer does, apart from signing: who sends lists only does not load the keys. */

import { type Operation, transferRecord } from '@quittance/protocol';
import type { SignedTransfer } from './sign.ts';

/** The record of an intent. @param newIndex leaf of the created account, for `transferToNew`. */
export function operationOf({ intent, authorization }: SignedTransfer, newIndex = 0): Operation {
  return { ...transferRecord(intent, newIndex), authorization };
}
