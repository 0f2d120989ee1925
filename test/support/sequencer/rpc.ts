/** A JSON-RPC client for tests, and transfers as JSON. */

import assert from 'node:assert/strict';
import { addressText, RpcNumber } from '@quittance/protocol';
import type { SignedTransfer } from '@quittance/sdk';
import { ALL_METHODS, type AnyMethodName } from '../../../sequencer/api/description/forms.ts';
import { errorsOf } from '../../../sequencer/api/description/method-errors.ts';

export interface RpcAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly result?: unknown;
    readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, string> };
  };
}

/** Posts a raw body. */
export async function post(
  url: string,
  body: BodyInit | Uint8Array,
  contentType = 'application/json',
): Promise<RpcAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    body: body as BodyInit,
    headers: { 'content-type': contentType },
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

/** Asserts that the description of a method names the error that it answered with. */
function requireDescribed(method: string, { error }: RpcAnswer['body']): void {
  const reason = error?.data?.['reason'];
  // What is no request at all is no call of a method either.
  const isRequest = error?.code !== RpcNumber.parse && error?.code !== RpcNumber.invalidRequest;
  if (reason === undefined || !isRequest || !Object.hasOwn(ALL_METHODS, method)) return;
  const described = errorsOf(method as AnyMethodName).map((each) => each.reason as string);
  assert.ok(described.includes(reason), `${method} answers with ${reason}, which its description does not name`);
}

/** Calls a method. What it refuses must be among the errors that its description names. */
export async function rpc(url: string, method: string, params: unknown = {}): Promise<RpcAnswer> {
  const answer = await post(url, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  requireDescribed(method, answer.body);
  return answer;
}

/** A signed transfer as wallets send it. */
export function transferJson({ intent, authorization }: SignedTransfer): Record<string, unknown> {
  const { from, amount, fee, nonce, validUntil } = intent;
  const { keyX, r8, s } = authorization;
  const signature = { r8x: String(r8.x), r8y: String(r8.y), s: String(s), keyX: String(keyX) };
  const common = { kind: intent.kind, from, amount: String(amount), fee: String(fee), nonce, validUntil, signature };
  if (intent.kind === 'transfer') return { ...common, to: intent.to };
  if (intent.kind === 'withdraw') return common;
  if (intent.kind === 'move') return { ...common, destination: intent.destination, toKeyY: String(intent.keyY) };
  const toOwner = addressText(intent.receiver.owner);
  return { ...common, toKeyY: String(intent.receiver.keyY), toOwner };
}
