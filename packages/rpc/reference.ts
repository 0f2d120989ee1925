/** Payment references: what a payer says a payment is for. Exchanges credit deposits by it. */

import { MAX_REFERENCE_BYTES } from '@quittance/protocol';
import Type from 'typebox';
import { Decimal, Exact } from './common.ts';

/** 1 to 140 bytes as 0x hexadecimal; UTF-8 where it is text. */
export const ReferenceBytes = Type.String({
  pattern: `^0x(?:[0-9a-f]{2}){1,${MAX_REFERENCE_BYTES}}$`,
  maxLength: 2 + 2 * MAX_REFERENCE_BYTES,
  description: `1 to ${MAX_REFERENCE_BYTES} bytes as hexadecimal; UTF-8 where it is text`,
});

/** A payment reference with the payer's signature over it and the id of the transfer (docs/protocol.md, Payment references). */
export const SignedReference = Exact({ bytes: ReferenceBytes, r8x: Decimal, r8y: Decimal, s: Decimal });
export type SignedReferenceJson = Type.Static<typeof SignedReference>;
