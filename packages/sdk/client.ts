/** A client of the sequencer's JSON-RPC: typed by its schema, bounded in time, errors as RollupError. */

import { addressText, asRollupError, isErrorCode, RollupError } from '@quittance/protocol';
import {
  type AcknowledgedJson,
  API_VERSION,
  BINARY_TYPE,
  type ConfigJson,
  encodeBinaryList,
  JSON_TYPE,
  type MethodName,
  type RpcErrorJson,
  type RpcMethods,
  type SignedReferenceJson,
  type TransferJson,
} from '@quittance/rpc';
import { hexlify } from 'ethers';
import { operationOf } from './operation.ts';
import type { SignedTransfer } from './sign.ts';

/** A payment reference as it goes over the wire. */
function encodeReference({ bytes, r8, s }: NonNullable<SignedTransfer['reference']>): SignedReferenceJson {
  return { bytes: hexlify(bytes), r8x: String(r8.x), r8y: String(r8.y), s: String(s) };
}

/** A signed transfer as it goes over the wire. The domain goes along, so that a wrong one is named as such. */
export function encodeTransfer({ intent, domain, authorization, reference }: SignedTransfer): TransferJson {
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
    ...(reference === undefined ? {} : { reference: encodeReference(reference) }),
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
   * RPC_VERSION when its configuration names another major version of the interface;
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
  /**
   * Sends any number of transfers, in calls of as many as the sequencer takes, one call after the other, as bytes where it
   * takes them. Says of each, in order, what became of it. One that is refused does not keep the others back. When a call
   * fails, all of its transfers and those after them have its error, and those after them were not sent; whether those of the
   * call were taken is not known then: send them again, a transfer is included once.
   *
   * @throws as `call`, before anything is sent, when the sequencer does not say what it takes.
   */
  sendAll(transfers: readonly SignedTransfer[]): Promise<SendResult[]>;
}

/** What became of one of several transfers. */
export type SendResult = { readonly acknowledged: AcknowledgedJson } | { readonly error: RollupError };

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

async function post(url: string, body: string | Uint8Array<ArrayBuffer>, timeoutMs: number): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs);
  const failed = (message: string, cause: unknown) =>
    signal.aborted
      ? new RollupError('RPC_TIMEOUT', `no answer from ${url} within ${timeoutMs} ms; is the sequencer running?`, {
          url,
          timeoutMs,
        })
      : new RollupError('RPC_UNREACHABLE', `${message}; check the URL`, { url }, { cause });
  const headers = { 'content-type': typeof body === 'string' ? JSON_TYPE : BINARY_TYPE };
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

/** JSON-RPC's number for a limit that is reached, which the server says also when it is overloaded as a whole. */
const LIMIT_REACHED = -32_005;

/** Whether a server says of itself, and not of the call, that it cannot now. */
function isOverloaded({ code, data }: RpcErrorJson): boolean {
  const reason: unknown = data?.reason;
  return code === LIMIT_REACHED && !(typeof reason === 'string' && isErrorCode(reason));
}

/** The result of an answer. @throws RollupError as the answer says, RPC_ANSWER_INVALID when it is no answer to this call. */
function resultOf(answer: unknown, url: string, id: number | null): unknown {
  const { error, result, id: answered } = (answer ?? {}) as { id?: unknown; result?: unknown; error?: unknown };
  if (isRpcError(error) && isOverloaded(error)) {
    throw new RollupError('RPC_UNREACHABLE', `${url} is overloaded; try again later`, { url });
  }
  if (isRpcError(error)) throw toRollupError(error);
  if (answered === id && result !== undefined) return result;
  throw new RollupError('RPC_ANSWER_INVALID', `the answer of ${url} is no JSON-RPC response to call ${id}`, {
    url,
    id,
  });
}

/** The id is the hash that was signed: an acknowledgement of another is one of another transfer. */
function isSame(acknowledged: AcknowledgedJson, { id }: SignedTransfer): boolean {
  return acknowledged.id === String(id);
}

function mismatch({ id: actual }: AcknowledgedJson, { id: expected }: SignedTransfer, url: string): RollupError {
  const message = `${url} acknowledged another transfer than the one that was sent`;
  return new RollupError('ACKNOWLEDGEMENT_MISMATCH', message, { expected, actual });
}

type ListResults = RpcMethods['rollup_sendTransfers']['result'];

/** What became of the transfers of one call. @throws RollupError RPC_ANSWER_INVALID when the answer has another length. */
function sendResults(results: ListResults, transfers: readonly SignedTransfer[], url: string): SendResult[] {
  if (!Array.isArray(results) || results.length !== transfers.length) {
    const message = `${url} does not answer each of ${transfers.length} transfers`;
    throw new RollupError('RPC_ANSWER_INVALID', message, { url, expected: transfers.length });
  }
  return results.map((result: Partial<ListResults[number]> | null, position): SendResult => {
    const error = (result as { error?: unknown } | null)?.error;
    if (isRpcError(error)) return { error: toRollupError(error) };
    const acknowledged = (result ?? {}) as AcknowledgedJson;
    return isSame(acknowledged, transfers[position]!)
      ? { acknowledged }
      : { error: mismatch(acknowledged, transfers[position]!, url) };
  });
}

/** Whether a sequencer takes these as bytes: they have no place for a domain each, nor for a reference. */
function canBeBytes({ listTypes, domain }: ConfigJson, transfers: readonly SignedTransfer[]): boolean {
  if (listTypes?.includes(BINARY_TYPE) !== true) return false;
  return transfers.every((transfer) => String(transfer.domain) === domain && transfer.reference === undefined);
}

/** More bytes than a transfer takes as JSON, the others of its list and of the call divided among them included. */
const JSON_TRANSFER_BYTES = 800;
/** More bytes than a reference of 140 bytes and its signature add to that. */
const JSON_REFERENCE_BYTES = 600;

/** @throws RollupError RPC_VERSION when a sequencer speaks another major version than this client. */
function requireApiVersion({ apiVersion, version }: Partial<ConfigJson>, url: string): void {
  if (apiVersion === API_VERSION) return;
  const theirs = apiVersion === undefined ? 'none, as before version 1' : String(apiVersion);
  throw new RollupError(
    'RPC_VERSION',
    `${url} speaks version ${theirs} of the interface (software ${version ?? 'unknown'}), this client version ` +
      `${API_VERSION}: use the client that belongs to the sequencer`,
    { url, expected: API_VERSION, actual: apiVersion ?? 0 },
  );
}

/** How many transfers of either encoding fit a call. */
function transfersPerCall({ limits }: ConfigJson, transfers: readonly SignedTransfer[]): number {
  const hasReference = transfers.some(({ reference }) => reference !== undefined);
  const bytes = JSON_TRANSFER_BYTES + (hasReference ? JSON_REFERENCE_BYTES : 0);
  return Math.max(1, Math.min(limits.transfersPerCall, Math.floor(limits.bodyBytes / bytes)));
}

/** A list as bytes. */
function encodeList(transfers: readonly SignedTransfer[]): Uint8Array<ArrayBuffer> {
  const items = transfers.map((transfer) => ({ operation: operationOf(transfer), nonce: transfer.intent.nonce }));
  return encodeBinaryList(transfers[0]!.domain, items);
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
  let known: ConfigJson | undefined;
  const call: SequencerClient['call'] = async (method, params) => {
    const id = nextId++;
    const answer = await post(url, JSON.stringify({ jsonrpc: '2.0', id, method, params }), timeoutMs);
    const result = resultOf(answer, url, id);
    if (method === 'rollup_getConfig') requireApiVersion(result as Partial<ConfigJson>, url);
    return result as never;
  };

  const sendSome = async (config: ConfigJson, transfers: readonly SignedTransfer[]): Promise<SendResult[]> => {
    const results = canBeBytes(config, transfers)
      ? resultOf(await post(url, encodeList(transfers), timeoutMs), url, null)
      : await call('rollup_sendTransfers', { transfers: transfers.map(encodeTransfer) });
    return sendResults(results as ListResults, transfers, url);
  };

  return {
    call,
    async send(transfer) {
      const acknowledged = await call('rollup_sendTransfer', { transfer: encodeTransfer(transfer) });
      if (!isSame(acknowledged, transfer)) throw mismatch(acknowledged, transfer, url);
      return acknowledged;
    },
    async sendAll(transfers) {
      if (transfers.length === 0) return [];
      known ??= await call('rollup_getConfig', {});
      const count = transfersPerCall(known, transfers);
      const results: SendResult[] = [];
      while (results.length < transfers.length) {
        const some = transfers.slice(results.length, results.length + count);
        try {
          results.push(...(await sendSome(known, some)));
        } catch (thrown) {
          const error = asRollupError('sending transfers', thrown);
          return transfers.map((_, position) => results[position] ?? { error });
        }
      }
      return results;
    },
  };
}
