/** Errors as JSON-RPC clients see them: a number for programs, a reason to branch on, a hint for people. */

import { type ErrorCode, isRollupError, RECORD_ERROR_CODES } from '@quittance/protocol';
import type { RpcErrorJson } from '@quittance/rpc';

/** JSON-RPC error numbers (interfaces.md). */
export const RpcCode = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  invalidInput: -32000,
  notFound: -32001,
  rejected: -32003,
  limit: -32005,
} as const;

const INVALID_INPUT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'OUT_OF_RANGE',
  'NOT_REPRESENTABLE',
  'MALFORMED',
  'INVALID_KEY',
  'RESERVED_KIND',
  'NONZERO_FIELD',
  'WORD_COUNT',
  'INDEX_RANGE',
  'WORD_RANGE',
]);

const REJECTED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...RECORD_ERROR_CODES,
  'NONCE_GAP',
  'NONCE_USED',
  'FEE_TOO_LOW',
  'WRONG_DOMAIN',
  'UNKNOWN_TOKEN',
  'DUPLICATE',
]);

const HINTS: Partial<Record<ErrorCode, string>> = {
  NOT_REPRESENTABLE: 'round the number down to at most 35 (fee: 11) significant bits times a power of ten',
  NONCE_GAP: 'send the transfers with the nonces in between first',
  NONCE_USED: 'read the account with the tag "latest" and sign again with its nonce',
  INSUFFICIENT_BALANCE: 'amount and fee together must not exceed the balance',
  BAD_SIGNATURE: 'sign record, nonce, expiry and receiver with the domain of rollup_getConfig',
  WRONG_DOMAIN: 'the transfer was signed for another chain or contract; see rollup_getConfig',
  FEE_TOO_LOW: 'ask rollup_estimateFee and sign again',
  EXPIRED: 'sign again with a later validUntil; see minimumValiditySeconds of rollup_getConfig',
  NOT_FEE_TOKEN: 'only the tokens of rollup_getConfig can be sent; a forced exit on L1 is always possible',
  RECEIVER_EMPTY: 'use the kind transferToNew with the key and owner of the receiver',
  MEMPOOL_FULL: 'wait a few seconds and send it again',
  CANCELLED: 'wait a few seconds and send it again',
  INVALID_KEY: 'use a key made by the wallet: it must generate the prime subgroup of BabyJubJub',
};

function numberOf(code: ErrorCode): number {
  if (INVALID_INPUT.has(code)) return RpcCode.invalidInput;
  if (REJECTED.has(code)) return RpcCode.rejected;
  if (code === 'NOT_FOUND') return RpcCode.notFound;
  if (code === 'MEMPOOL_FULL' || code === 'CANCELLED') return RpcCode.limit;
  return RpcCode.internal;
}

const optional = (name: 'expected' | 'actual' | 'hint', value: unknown): object =>
  value === undefined || value === null ? {} : { [name]: String(value).slice(0, 200) };

/** An error object of our own making. */
export function rpcError(
  code: number,
  message: string,
  reason: string,
  details: { expected?: unknown; actual?: unknown; hint?: unknown } = {},
): RpcErrorJson {
  const { expected, actual, hint } = details;
  return {
    code,
    message,
    data: { reason, ...optional('expected', expected), ...optional('actual', actual), ...optional('hint', hint) },
  };
}

/** The error object of whatever was thrown. What is not ours says nothing about our insides. */
export function toRpcError(error: unknown): RpcErrorJson {
  if (!isRollupError(error)) return rpcError(RpcCode.internal, 'internal error', 'INTERNAL');
  const { code, message, data } = error;
  const number = numberOf(code);
  if (number === RpcCode.internal && code !== 'TIMEOUT') {
    const text = `the sequencer cannot do this at present (${code})`;
    return rpcError(number, text, code, { hint: 'see rollup_syncStatus; the operator has to act' });
  }
  return rpcError(number, message, code, { expected: data['expected'], actual: data['actual'], hint: HINTS[code] });
}

/** HTTP status of a single answer: problems of the service are visible to load balancers, others are answers. */
export function httpStatusOf(error: RpcErrorJson | undefined): number {
  const reason = error?.data?.reason;
  switch (error?.code) {
    case RpcCode.parse:
    case RpcCode.invalidRequest:
      return 400;
    case RpcCode.limit:
      return reason === 'TOO_MANY_CALLS' ? 200 : 503;
    case RpcCode.internal:
      return reason === 'INTERNAL' ? 500 : 503;
    default:
      return 200;
  }
}
