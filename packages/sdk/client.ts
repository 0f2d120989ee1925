/** A client of the sequencer's JSON-RPC: typed by its schema, bounded in time, errors as RollupError. */

import { addressText, isErrorCode, RollupError } from '@quittance/protocol';
import type { AcknowledgedJson, MethodName, RpcErrorJson, RpcMethods, TransferJson } from '@quittance/rpc';
import type { SignedTransfer } from './sign.ts';

/** A signed transfer as it goes over the wire. The domain goes along, so that a wrong one is named as such. */
export function encodeTransfer({ intent, domain, authorization }: SignedTransfer): TransferJson {
  const { from, amount, fee, nonce, validUntil } = intent;
  const { keyX, r8, s } = authorization;
  const common = {
    from,
    amount: String(amount),
    fee: String(fee),
    nonce,
    validUntil,
    signature: { r8x: String(r8.x), r8y: String(r8.y), s: String(s), keyX: String(keyX) },
    domain: String(domain),
  };
  switch (intent.kind) {
    case 'transfer':
      return { kind: 'transfer', to: intent.to, ...common };
    case 'withdraw':
      return { kind: 'withdraw', ...common };
    case 'move':
      return { kind: 'move', destination: intent.destination, toKeyY: String(intent.keyY), ...common };
    case 'transferToNew': {
      const toOwner = addressText(intent.receiver.owner);
      return { kind: 'transferToNew', toKeyY: String(intent.receiver.keyY), toOwner, ...common };
    }
  }
}

export interface ClientOptions {
  /** URL of the sequencer. */
  readonly url: string;
  /** How long one call may take. */
  readonly timeoutMs?: number;
}

/** Calls a method by name. */
export interface SequencerClient {
  /**
   * @throws RollupError with the sequencer's reason as its code and expected, actual, hint and rpcCode as data;
   * RPC_TIMEOUT when there is no answer in time; RPC_UNREACHABLE when there is no connection or the server is busy;
   * RPC_ANSWER_INVALID when the answer is no JSON-RPC, or an error that this version does not know.
   */
  call<Name extends MethodName>(method: Name, params: RpcMethods[Name]['params']): Promise<RpcMethods[Name]['result']>;
  /**
   * Sends one transfer; resolves when the sequencer has it on disk, which is the sequencer's promise. It is paid for good
   * when its status is `final`: until then a producer can still replace its batch, even one whose data is on L1.
   *
   * @throws as `call`; ACKNOWLEDGEMENT_MISMATCH for another id.
   */
  send(transfer: SignedTransfer): Promise<AcknowledgedJson>;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** Whether an untrusted `error` member has the shape of JSON-RPC's error object. */
function isRpcError(error: unknown): error is RpcErrorJson {
  const { code, message } = (error ?? {}) as Partial<RpcErrorJson>;
  return typeof code === 'number' && typeof message === 'string';
}

/** The sequencer's error as ours. */
export function toRollupError({ code, message, data }: RpcErrorJson): RollupError {
  const { reason, ...details } = data ?? {};
  // A newer server may have codes that this build does not know.
  const isKnown = typeof reason === 'string' && isErrorCode(reason);
  const values = { ...details, rpcCode: code };
  if (isKnown) return new RollupError(reason, message, values);
  return new RollupError('RPC_ANSWER_INVALID', message, { ...values, reason: String(reason) });
}

/** HTTP statuses that say: later. */
const BUSY_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);

async function post(url: string, body: string, timeoutMs: number): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs);
  const failed = (message: string, cause: unknown) =>
    signal.aborted
      ? new RollupError('RPC_TIMEOUT', `no answer from ${url} within ${timeoutMs} ms; is the sequencer running?`, {
          url,
          timeoutMs,
        })
      : new RollupError('RPC_UNREACHABLE', `${message}; check the URL`, { url }, { cause });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body, signal }).catch((error: unknown) => {
    throw failed(`cannot reach ${url}: ${(error as Error).message}`, error);
  });
  try {
    return await response.json();
  } catch (error) {
    if (signal.aborted) throw failed('', error);
    const { status } = response;
    if (BUSY_STATUSES.has(status)) {
      const retryAfter = response.headers.get('retry-after');
      throw new RollupError('RPC_UNREACHABLE', `${url} is busy (HTTP ${status}); try again later`, {
        url,
        status,
        retryAfter,
      });
    }
    throw new RollupError(
      'RPC_ANSWER_INVALID',
      `${url} answered HTTP ${status} without JSON; check the URL`,
      { url, status },
      { cause: error },
    );
  }
}

/**
 * A client of the sequencer at `url`.
 *
 * @example
 * const client = createClient({ url: 'http://127.0.0.1:3000' });
 * const { id } = await client.send(signIntent(keyPair, domain, intent));
 * const { status } = await client.call('rollup_getTransaction', { id });
 */
export function createClient({ url, timeoutMs = DEFAULT_TIMEOUT_MS }: ClientOptions): SequencerClient {
  let nextId = 1;
  const call: SequencerClient['call'] = async (method, params) => {
    const id = nextId++;
    const answer = (await post(url, JSON.stringify({ jsonrpc: '2.0', id, method, params }), timeoutMs)) as {
      id?: unknown;
      result?: unknown;
      error?: unknown;
    } | null;
    if (isRpcError(answer?.error)) throw toRollupError(answer.error);
    if (answer === null || typeof answer !== 'object' || answer.id !== id || answer.result === undefined) {
      throw new RollupError('RPC_ANSWER_INVALID', `the answer of ${url} is no JSON-RPC response to call ${id}`, {
        url,
        id,
      });
    }
    return answer.result as never;
  };
  return {
    call,
    async send(transfer) {
      const acknowledged = await call('rollup_sendTransfer', { transfer: encodeTransfer(transfer) });
      // The id is the hash that was signed: an acknowledgement of another is one of another transfer.
      if (acknowledged.id !== String(transfer.id)) {
        throw new RollupError(
          'ACKNOWLEDGEMENT_MISMATCH',
          `${url} acknowledged another transfer than the one that was sent`,
          {
            expected: transfer.id,
            actual: acknowledged.id,
          },
        );
      }
      return acknowledged;
    },
  };
}
