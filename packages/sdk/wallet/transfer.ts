/** Transfers, withdrawals and moves: what is signed for each, and how it is sent. */

import { encodeTransfer } from '../client.ts';
import { type Intent, type SignedTransfer, signIntent, signReference } from '../sign.ts';
import type { Connection } from './connection.ts';
import { createGate } from './gate.ts';
import { acknowledgedHandle, resumedHandle } from './handles.ts';
import { createFindOccupants } from './occupants.ts';
import { createOpenings } from './openings.ts';
import { findPayee, type Payee } from './payees.ts';
import { resumeTransfer } from './resume.ts';
import { createSender, type Sender, type Sent } from './sender.ts';
import { outcomeOf } from './stages.ts';
import { type Common, createTerms, type PaymentRequest, type Terms } from './terms.ts';
import type { SignedPayment, TokenInfo, TokenRef, TransferHandle, TransferRequest, Wallet } from './types.ts';

/** Payments that are prepared, and so ask the sequencer for accounts, at the same time. */
const PREPARED_AT_ONCE = 16;

/** A signed transfer as whoever sends it again needs it. */
function toPayment(signed: SignedTransfer): SignedPayment {
  return { id: String(signed.id), transfer: encodeTransfer(signed) };
}

/** Signs the payments of a wallet with one nonce after the other, and sends them. */
function createPayments({ keyPair, domain, hasher, clock, sequencer }: Connection) {
  const senders = new Map<number, Sender>();
  const senderOf = (account: number): Sender => {
    const client = sequencer('a payment');
    const findOccupants = createFindOccupants(client, account, { publicKey: keyPair.publicKey, domain, hasher });
    const sender = senders.get(account) ?? createSender({ client, account, clock, findOccupants });
    senders.set(account, sender);
    return sender;
  };
  return ({ onSigned, signal }: PaymentRequest, terms: Terms, intentOf: (common: Common) => Intent): Promise<Sent> => {
    const { common, reference } = terms;
    return senderOf(common.from).send({
      signal,
      sign(nonce) {
        const signed = signIntent(keyPair, domain, intentOf({ ...common, nonce }), hasher);
        return reference === undefined ? signed : signReference(keyPair, signed, reference, hasher);
      },
      onSigned: onSigned && ((signed) => onSigned(toPayment(signed))),
    });
  };
}

/** What pays with a wallet. */
export function createTransfers(
  connection: Connection,
  findToken: (ref: TokenRef) => Promise<TokenInfo>,
): Pick<Wallet, 'transfer' | 'transferMany' | 'withdraw' | 'move' | 'resume'> {
  const { own, clock, sequencer } = connection;
  const openings = createOpenings();
  const prepared = createGate(PREPARED_AT_ONCE);
  const termsOf = createTerms(connection, findToken);
  const send = createPayments(connection);
  const handleOf = ({ transfer, acknowledged }: Sent): TransferHandle =>
    acknowledgedHandle(sequencer('a handle'), clock, transfer, acknowledged);

  /** Pays the receiver's account, or opens one for a receiver without. */
  async function pay(request: TransferRequest): Promise<TransferHandle> {
    const client = sequencer('a transfer');
    const { terms, found } = await prepared(async () => {
      const terms = await termsOf(request);
      return { terms, found: await findPayee(client, request.to, terms.token.tokenId) };
    });
    const paid = await openings.pay(terms.token.tokenId, found, async ({ receiver, index }: Payee) => {
      const sent = await send(request, terms, (common) =>
        index === undefined
          ? { kind: 'transferToNew', receiver, ...common }
          : { kind: 'transfer', to: index, receiver, ...common },
      );
      return { index: index ?? sent.acknowledged.to, sent };
    });
    return handleOf(paid.sent);
  }

  /** Pays to the owner's own address, here or elsewhere. */
  async function payOut(
    what: string,
    request: PaymentRequest,
    intentOf: (common: Common, account: { readonly owner: bigint; readonly tokenId: number }) => Intent,
  ): Promise<TransferHandle> {
    sequencer(what);
    const terms = await prepared(() => termsOf(request));
    const account = { owner: own.owner, tokenId: terms.token.tokenId };
    return handleOf(await send(request, terms, (common) => intentOf(common, account)));
  }

  return {
    transfer: pay,
    // Each waits for its answer on its own: the sender puts those that wait into lists.
    transferMany: (requests, { signal } = {}) =>
      Promise.all(requests.map((request) => outcomeOf(pay(signal === undefined ? request : { signal, ...request })))),
    withdraw: (request) =>
      payOut('a withdrawal', request, (common, account) => ({ kind: 'withdraw', account, ...common })),
    move: ({ destination, keyY, ...request }) =>
      payOut('a move', request, (common, account) => ({ kind: 'move', destination, keyY, account, ...common })),
    async resume(signed, { signal } = {}) {
      const client = sequencer('sending a transfer again');
      return resumedHandle(client, clock, signed, await resumeTransfer(connection, client, signed, signal));
    },
  };
}
