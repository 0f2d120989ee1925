/** Secrets of a party that may be shown on L1: those that others were told already, or are about to be. Pure. */

import { type Bytes32, type ChannelChange, secretHash } from '@quittance/protocol';
import type { ChannelRecord, KeptHtlc, KeptInvoice } from '@quittance/sdk/channels';

const fulfilled = (changes: readonly ChannelChange[]): readonly Bytes32[] =>
  changes.flatMap((change) => (change.type === 'fulfill' ? [change.secret] : []));

/**
 * Which of a party's secrets a tower may show. That of an invoice is not among them before the party took a payment for it: who
 * pays too little, or too late, must not get the receipt.
 */
export function showableSecrets(
  records: readonly ChannelRecord[],
  htlcs: readonly KeptHtlc[],
  invoices: readonly KeptInvoice[],
): ReadonlyMap<Bytes32, Bytes32> {
  const secrets = [
    ...records.flatMap(({ asked, proposal }) => [...fulfilled(asked), ...fulfilled(proposal?.changes ?? [])]),
    // It went through us: whoever we passed it on to has shown it, and so may we.
    ...htlcs.flatMap(({ end }) => (end?.type === 'fulfill' ? [end.secret] : [])),
    ...invoices.flatMap(({ isShown, secret }) => (isShown === true ? [secret] : [])),
  ];
  return new Map(secrets.map((secret) => [secretHash(secret), secret]));
}
