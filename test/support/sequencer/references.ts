/** Payment references as wallets sign them. */

import { portableHasher, referenceMessage, signMessage } from '@quittance/protocol';
import type { SignedTransfer } from '@quittance/sdk';
import type { PaymentReference } from '../../../storage/index.ts';
import type { Person } from '../rollup/person.ts';

/** The bytes of a text. */
const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
/** As JSON has them. */
export const hexOf = (text: string): string => `0x${Buffer.from(text).toString('hex')}`;

/** A reference of a transfer, signed by its payer or somebody else. */
export function signReference(signer: Person, { id }: Pick<SignedTransfer, 'id'>, text: string): PaymentReference {
  const bytes = utf8(text);
  return { bytes, ...signMessage(portableHasher, signer.keyPair, referenceMessage(portableHasher, id, bytes)) };
}

/** The same as JSON. */
export function referenceJson({ bytes, r8, s }: PaymentReference): Record<string, string> {
  return { bytes: `0x${Buffer.from(bytes).toString('hex')}`, r8x: String(r8.x), r8y: String(r8.y), s: String(s) };
}
