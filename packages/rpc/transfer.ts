/** Transfers as wallets send them, and the answers. */

import Type from 'typebox';
import { AccountIndex, Address, Decimal, DestinationNumber, Exact, Nonce, Status, UnixSeconds } from './common.ts';
import { SignedReference } from './reference.ts';

/** A signature of a transfer. */
export const Signature = Exact(
  {
    r8x: Decimal,
    r8y: Decimal,
    s: Decimal,
    keyX: Decimal,
  },
  'EdDSA-Poseidon signature, and x of the key that made it',
);

const signed = {
  from: AccountIndex,
  /** Base units; must have an exact float40 encoding. */
  amount: Decimal,
  /** Base units of the sender's token; must have an exact float16 encoding. */
  fee: Decimal,
  nonce: Nonce,
  /** Unix seconds, 0 = never expires. */
  validUntil: UnixSeconds,
  signature: Signature,
  /** Domain that was signed; when it is another than ours, the error says so instead of BAD_SIGNATURE. */
  domain: Type.Optional(Decimal),
  /** What the payment is for, signed beside the transfer. Kept with it and delivered to the receiver. */
  reference: Type.Optional(SignedReference),
};

/** Kind 1. */
export const PlainTransfer = Exact({ kind: Type.Literal('transfer'), to: AccountIndex, ...signed });
/** Kind 2. */
export const NewAccountTransfer = Exact({
  kind: Type.Literal('transferToNew'),
  toKeyY: Decimal,
  toOwner: Address,
  ...signed,
});
/** Kind 3. */
export const WithdrawTransfer = Exact({ kind: Type.Literal('withdraw'), ...signed });

/** Kind 7: the amount goes to the key `toKeyY` of the sender's owner in another rollup. */
export const MoveTransfer = Exact({
  kind: Type.Literal('move'),
  /** Number of the other rollup in the list of destinations on L1. */
  destination: DestinationNumber,
  toKeyY: Decimal,
  ...signed,
});

/** A signed transfer of kind 1, 2, 3 or 7. */
export const Transfer = Type.Union([PlainTransfer, NewAccountTransfer, WithdrawTransfer, MoveTransfer]);
export type TransferJson = Type.Static<typeof Transfer>;

/** What the sender gets once the transfer is on disk. */
export const Acknowledged = Exact({
  id: Decimal,
  sequence: Type.Integer({ minimum: 1 }),
  status: Status,
  /** Kind 2: index of the new account. */
  to: Type.Optional(AccountIndex),
});
export type AcknowledgedJson = Type.Static<typeof Acknowledged>;

/** A JSON-RPC error object. */
export const RpcErrorObject = Exact({
  code: Type.Integer(),
  message: Type.String(),
  data: Type.Optional(
    Exact({
      reason: Type.String(),
      expected: Type.Optional(Type.String()),
      actual: Type.Optional(Type.String()),
      hint: Type.Optional(Type.String()),
      /** NOT_LEADER: URL of the node that leads, where that is known. */
      leader: Type.Optional(Type.String()),
    }),
  ),
});
export type RpcErrorJson = Type.Static<typeof RpcErrorObject>;

/** One answer of rollup_sendTransfers, in the order of the request. */
export const TransferResult = Type.Union([Acknowledged, Exact({ error: RpcErrorObject })]);
