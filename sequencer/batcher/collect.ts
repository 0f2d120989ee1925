/** The operation that pays fees out. */

import { NOOP, type Operation, RecordKind } from '@quittance/protocol';

/** Pays the fees that a chunk takes in some token to the account in this leaf. */
export function collectInto(leaf: number): Operation {
  return { fields: { ...NOOP.fields, kind: RecordKind.collectFee, to: leaf }, words: [] };
}
