/** Transfers that are in the log already, and what their senders are told when they send them again. */

import { RecordKind, RollupError } from '@quittance/protocol';
import type { PaymentReference, Storage, TransferEntry } from '../../storage/index.ts';
import type { Acknowledgement, TransferStatus } from '../types.ts';

/** A transfer of the log. */
export interface Known {
  readonly acknowledgement: Acknowledgement;
  readonly reference: PaymentReference | undefined;
}

/** Finds a transfer of the log by its id. */
export type FindKnown = (id: bigint) => Known | undefined;

/** What the sender of a durable transfer is told. */
export function acknowledge(
  status: TransferStatus,
  { sequence, entry }: { readonly sequence: number; readonly entry: Pick<TransferEntry, 'id' | 'operation'> },
): Acknowledgement {
  const { id, operation } = entry;
  const { kind, to } = operation.fields;
  return { id, sequence, status, ...(kind === RecordKind.transferToNew ? { to } : {}) };
}

/** Looks into the log. */
export function createFindKnown(
  { log }: Pick<Storage, 'log'>,
  statusOf: (sequence: number) => TransferStatus,
): FindKnown {
  return (id) => {
    const found = log.findTransfer(id);
    if (found?.entry.type !== 'transfer') return undefined;
    const { sequence, entry } = found;
    return { acknowledgement: acknowledge(statusOf(sequence), { sequence, entry }), reference: entry.reference };
  };
}

const textOf = ({ bytes }: PaymentReference): string => `0x${Buffer.from(bytes).toString('hex')}`;

/** Whether they say the same: signatures of one message may differ. */
export function isSameReference(one: PaymentReference, other: PaymentReference): boolean {
  return textOf(one) === textOf(other);
}

/** The refusal of another reference than the one that was kept. */
export function referenceKept(kept: PaymentReference | undefined, sent: PaymentReference): RollupError {
  const what = kept === undefined ? 'without a payment reference' : `with the payment reference ${textOf(kept)}`;
  return new RollupError('REFERENCE_KEPT', `this transfer was taken before, ${what}, and that stays`, {
    expected: kept === undefined ? null : textOf(kept),
    actual: textOf(sent),
  });
}
