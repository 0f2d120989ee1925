/** Shapes that many methods share. Numbers that can pass 2^53 are decimal strings. */

import { ADDRESS_PATTERN, NONCE_BITS, TIME_BITS, TOKEN_ID_BITS, TREE_CAPACITY } from '@quittance/protocol';
import Type from 'typebox';

/** A canonical decimal number of at most 78 digits (2^256 has 78). Ranges are checked by the protocol. */
export const Decimal = Type.String({ pattern: '^(0|[1-9][0-9]{0,77})$', maxLength: 78, description: 'decimal number' });

/** An L1 address. */
export const Address = Type.String({ pattern: ADDRESS_PATTERN.source, maxLength: 42, description: 'L1 address' });

/** 32 bytes. */
export const Hash = Type.String({ pattern: '^0x[0-9a-f]{64}$', maxLength: 66, description: '32 bytes' });

/** Transaction id: decimal, as the protocol has it; hexadecimal is understood too. */
export const TransactionId = Type.String({
  pattern: '^(0|[1-9][0-9]{0,77}|0x[0-9a-fA-F]{1,64})$',
  maxLength: 78,
  description: 'transaction id: decimal or 0x hexadecimal',
});

export const AccountIndex = Type.Integer({
  minimum: 0,
  maximum: TREE_CAPACITY - 1,
  description: 'index of an account: that of its leaf',
});
/** Number of a contract in the list of destinations on L1. */
export const DestinationNumber = Type.Integer({
  minimum: 0,
  maximum: TREE_CAPACITY - 1,
  description: 'number of another rollup in the list of destinations on L1',
});
export const TokenId = Type.Integer({
  minimum: 0,
  maximum: 2 ** TOKEN_ID_BITS - 1,
  description: 'id of a token in this rollup; 0 is ETH',
});
export const Nonce = Type.Integer({
  minimum: 0,
  maximum: 2 ** NONCE_BITS - 1,
  description: 'how many transfers the account has sent before',
});
export const UnixSeconds = Type.Integer({
  minimum: 0,
  maximum: 2 ** TIME_BITS - 1,
  description: 'Unix time in seconds',
});
export const BatchNumber = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'number of a batch; 0 is the genesis',
});

/** How sure a state is. Only `finalized` is the receiver's; the others are the producer's promise. */
export const StateTagName = Type.Union([Type.Literal('latest'), Type.Literal('safe'), Type.Literal('finalized')], {
  description:
    'latest: accepted by the sequencer. safe: its data is on L1, but a producer can still replace it by proving another ' +
    'batch: a promise, not a payment. finalized: final on L1, nobody can take it back.',
});

/** The life of a batch. */
export const BatchStateName = Type.Union(
  [
    Type.Literal('sealed'),
    Type.Literal('proving'),
    Type.Literal('posted'),
    Type.Literal('disputed'),
    Type.Literal('reverted'),
    Type.Literal('final'),
  ],
  {
    description:
      'posted: on L1 with its data, and still a promise: a producer can replace it by a proof until it is final. ' +
      'disputed: posted, and a dispute of it runs. reverted: L1 removed it, and it is posted again.',
  },
);

/** The life of a transfer: that of its batch, `pending` before it is in one, `dropped` when it never will be. */
export const Status = Type.Union([Type.Literal('pending'), ...BatchStateName.anyOf, Type.Literal('dropped')]);

/** An object with exactly these fields. */
export const Exact = <Fields extends Parameters<typeof Type.Object>[0]>(fields: Fields, description?: string) =>
  Type.Object(fields, { additionalProperties: false, ...(description === undefined ? {} : { description }) });
