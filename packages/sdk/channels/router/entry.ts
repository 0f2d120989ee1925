/** What the journal has of a payment: which it is, and what may have been begun. */

import { RollupError } from '@quittance/protocol';
import type { TransferJson } from '@quittance/rpc';
import type { SignedPayment } from '../../wallet/types.ts';
import type { OutgoingPayment } from '../forward/index.ts';
import { address, amount, bytes32, count, type Json, list, object, pattern, unreadable } from '../read-json.ts';
import type { Order } from './order.ts';
import type { RoutedPayment } from './types.ts';

/** How far a payment is. */
export type Step =
  /** Nothing is on its way: nothing was begun, or all that was is dead. */
  | { readonly type: 'open' }
  /** This may be on its way in a channel. */
  | {
      readonly type: 'channel';
      readonly payment: OutgoingPayment;
      readonly fee: bigint;
      /** Why it is not known whether it was paid: no other way is begun any more. */
      readonly doubt?: string;
    }
  /** This may be on its way on the rollup. */
  | { readonly type: 'rollup'; readonly signed: SignedPayment }
  | { readonly type: 'paid'; readonly paid: RoutedPayment };

/** A payment in the journal. */
export interface Entry {
  readonly order: Order;
  readonly step: Step;
}

const bigintText = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** JSON text. */
export function encodeEntry(entry: Entry): string {
  return JSON.stringify(entry, bigintText);
}

const text = (what: string, value: Json): string => pattern(what, value, /^.{1,2048}$/su);
const decimal = (what: string, value: Json): string => pattern(what, value, /^(?:0|[1-9][0-9]{0,76})$/);

function readOrder(value: Json): Order {
  const read = object('an order', value);
  const { receiver, invoice } = read;
  return {
    receiver: receiver === undefined || typeof receiver === 'number' ? receiver : text('a receiver', receiver),
    invoice: invoice === undefined ? undefined : text('an invoice', invoice),
    amount: amount('an amount', read['amount']),
    tokenId: count('a token', read['tokenId'], 32),
  };
}

function readOutgoing(value: Json): OutgoingPayment {
  const read = object('a payment', value);
  return {
    hash: bytes32('a hash', read['hash']),
    vault: address('a vault', read['vault']),
    amount: amount('an amount', read['amount']),
    expiry: count('an expiry', read['expiry'], 40),
    onward: list('hops', read['onward'], 3, (one) => {
      const hop = object('a hop', one);
      return {
        to: address('a party', hop['to']),
        amount: amount('an amount', hop['amount']),
        expiry: count('an expiry', hop['expiry'], 40),
      };
    }),
    invoice: text('an invoice', read['invoice']),
  };
}

function readPaid(value: Json): RoutedPayment {
  const read = object('a paid one', value);
  const { way, guarantee } = read;
  const fee = amount('a fee', read['fee']);
  if (way === 'channel' && guarantee === 'BOTH_SIGNED') {
    return { way, secret: bytes32('a secret', read['secret']), fee, guarantee };
  }
  if (way === 'rollup' && (guarantee === 'FINAL_ON_L1' || guarantee === 'SEQUENCER_PROMISE')) {
    return { way, id: decimal('an id', read['id']), fee, guarantee };
  }
  throw unreadable('a way', way);
}

function readStep(value: Json): Step {
  const read = object('a step', value);
  switch (read['type']) {
    case 'open':
      return { type: 'open' };
    case 'channel': {
      const { doubt } = read;
      const payment = readOutgoing(read['payment']);
      const fee = amount('a fee', read['fee']);
      return { type: 'channel', payment, fee, ...(doubt === undefined ? {} : { doubt: text('a doubt', doubt) }) };
    }
    case 'rollup': {
      const { id, transfer } = object('a signed transfer', read['signed']);
      // Made by the wallet, and checked by whoever takes it.
      const signed = { id: decimal('an id', id), transfer: object('a transfer', transfer) as unknown as TransferJson };
      return { type: 'rollup', signed };
    }
    case 'paid':
      return { type: 'paid', paid: readPaid(read['paid']) };
    default:
      throw unreadable('a step', read['type']);
  }
}

/** @throws RollupError DATABASE_DAMAGED: what was begun is not known, so nothing is. */
export function decodeEntry(key: string, entry: string): Entry {
  try {
    const read = object('an entry', JSON.parse(entry));
    return { order: readOrder(read['order']), step: readStep(read['step']) };
  } catch (error) {
    const message = `the journal's entry of the payment "${key}" cannot be read: ${(error as Error).message}; restore a copy`;
    throw new RollupError('DATABASE_DAMAGED', message, { key }, { cause: error });
  }
}
