/** What is to be paid, read once: whom, how much, of which token. */

import { RollupError } from '@quittance/protocol';
import { orAborted } from '../../wallet/time.ts';
import type { Receiver } from '../../wallet/types.ts';
import { INVOICE_SCHEME } from '../invoice/index.ts';
import type { PaymentOrder, RouterWallet } from './types.ts';

/** A payment, the same for the same request. */
export interface Order {
  readonly receiver: Receiver | undefined;
  readonly invoice: string | undefined;
  readonly amount: bigint;
  readonly tokenId: number;
}

const isInvoice = (payee: Receiver): boolean => typeof payee === 'string' && payee.startsWith(INVOICE_SCHEME);

function outOfRange(name: string, message: string, actual: string | number | bigint): RollupError<'OUT_OF_RANGE'> {
  return new RollupError('OUT_OF_RANGE', message, { name, actual });
}

/** Whom to pay. @throws RollupError OUT_OF_RANGE for nobody, or more than one of a kind. */
function readPayees(to: PaymentOrder['to']): Pick<Order, 'receiver' | 'invoice'> {
  const payees = typeof to === 'object' ? to : [to];
  const invoices = payees.filter(isInvoice);
  const receivers = payees.filter((payee) => !isInvoice(payee));
  if (payees.length === 0 || invoices.length > 1 || receivers.length > 1) {
    const found = `${receivers.length} receivers and ${invoices.length} invoices`;
    throw outOfRange('to', `a payment goes to one payee: at most one receiver and one invoice, not ${found}`, found);
  }
  return { receiver: receivers[0], invoice: invoices[0] as string | undefined };
}

/** @throws RollupError OUT_OF_RANGE, or as `wallet.token` for the address of a token. */
export async function readOrder(
  { to, amount, token = 0 }: PaymentOrder,
  wallet: Pick<RouterWallet, 'token'>,
  signal?: AbortSignal,
): Promise<Order> {
  const payees = readPayees(to);
  if (typeof amount !== 'bigint' || amount <= 0n || amount >> 128n !== 0n) {
    const actual = typeof amount === 'bigint' ? amount : `a value of type ${typeof amount}`;
    throw outOfRange('amount', `amount is ${actual}, expected base units above 0 and below 2^128`, actual);
  }
  const tokenId = typeof token === 'number' ? token : (await orAborted(wallet.token(token), signal)).tokenId;
  return { ...payees, amount, tokenId };
}

/** Whether two orders are one payment. */
export function isSameOrder(one: Order, other: Order): boolean {
  return (
    one.receiver === other.receiver &&
    one.invoice === other.invoice &&
    one.amount === other.amount &&
    one.tokenId === other.tokenId
  );
}
