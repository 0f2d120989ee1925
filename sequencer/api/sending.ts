/** Takes signed transfers off the wire, and answers each with what becomes of it. */

import { RollupError, requireFieldElement } from '@quittance/protocol';
import { decodeBinaryList, type RpcMethods, type SignedReferenceJson, type TransferJson } from '@quittance/rpc';
import type { PaymentReference } from '../../storage/index.ts';
import type { Submission, TransferRequest } from '../mempool/request.ts';
import type { Source } from '../mempool/turns.ts';
import type { Sequencer } from '../sequencer.ts';
import type { Answer } from '../types.ts';
import type { Allowance } from './allowance.ts';
import { encodeAcknowledgement } from './encode.ts';
import { toRpcError } from './errors.ts';
import { WASTED_UNITS } from './weights.ts';

/** Sends transfers on. Each submits what it submits before it returns. */
export interface Sending {
  sendOne(transfer: TransferJson, source: Source): Promise<RpcMethods['rollup_sendTransfer']['result']>;
  sendAll(transfers: readonly TransferJson[], source: Source): Promise<RpcMethods['rollup_sendTransfers']['result']>;
  /**
   * As `sendAll`, for a list as bytes, which are taken over.
   *
   * @throws RollupError WRONG_DOMAIN, or as `decodeBinaryList`, before anything is submitted.
   */
  sendList(body: Uint8Array, source: Source): Promise<RpcMethods['rollup_sendTransfers']['result']>;
}

/** @throws RollupError WRONG_DOMAIN. */
function requireDomain(expected: bigint, actual: bigint): void {
  if (actual === expected) return;
  throw new RollupError('WRONG_DOMAIN', 'the transfer was signed for another chain or contract', { expected, actual });
}

/** Parses a payment reference. @throws RollupError OUT_OF_RANGE. */
function parseReference({ bytes, r8x, r8y, s }: SignedReferenceJson): PaymentReference {
  const coordinate = (name: string, text: string): bigint => requireFieldElement(`reference.${name}`, BigInt(text));
  return {
    bytes: new Uint8Array(Buffer.from(bytes.slice(2), 'hex')),
    r8: { x: coordinate('r8x', r8x), y: coordinate('r8y', r8y) },
    s: coordinate('s', s),
  };
}

/** Parses a transfer from JSON. @throws RollupError WRONG_DOMAIN, or OUT_OF_RANGE for a reference that nobody signed. */
function parseTransfer(transfer: TransferJson, domain: bigint): TransferRequest {
  if (transfer.domain !== undefined) requireDomain(domain, BigInt(transfer.domain));
  const { from, amount, fee, nonce, validUntil, signature, reference } = transfer;
  const { r8x, r8y, s, keyX } = signature;
  const common = {
    from,
    amount: BigInt(amount),
    fee: BigInt(fee),
    nonce,
    authorization: { validUntil, keyX: BigInt(keyX), r8: { x: BigInt(r8x), y: BigInt(r8y) }, s: BigInt(s) },
    ...(reference === undefined ? {} : { reference: parseReference(reference) }),
  };
  if (transfer.kind === 'transfer') return { kind: 'transfer', to: transfer.to, ...common };
  if (transfer.kind === 'withdraw') return { kind: 'withdraw', ...common };
  if (transfer.kind === 'move') {
    const { destination, toKeyY } = transfer;
    return { kind: 'move', destination, toKeyY: BigInt(toKeyY), ...common };
  }
  return { kind: 'transferToNew', toKeyY: BigInt(transfer.toKeyY), toOwner: BigInt(transfer.toOwner), ...common };
}

/** What the sender of one of several transfers is told. */
function encodeAnswer(answer: Answer): RpcMethods['rollup_sendTransfers']['result'][number] {
  return 'error' in answer ? { error: toRpcError(answer.error) } : encodeAcknowledgement(answer.acknowledgement);
}

/** Sends to `sequencer` itself. */
export function createSending(
  sequencer: Pick<Sequencer, 'domain' | 'submitAll'>,
  allowance: Pick<Allowance, 'charge'>,
): Sending {
  const { domain } = sequencer;

  /** What becomes of each; signatures that were checked for nothing are paid for. */
  const submit = async (submissions: readonly Submission[], source: Source): Promise<Answer[]> => {
    const answers = await sequencer.submitAll(submissions, source);
    const wasted = answers.filter((answer) => 'error' in answer && answer.isWasted === true);
    if (wasted.length > 0) allowance.charge(source.address, WASTED_UNITS * wasted.length);
    return answers;
  };

  return {
    async sendOne(transfer, source) {
      const [answer] = (await submit([parseTransfer(transfer, domain)], source)) as [Answer];
      if ('error' in answer) throw answer.error;
      return encodeAcknowledgement(answer.acknowledgement);
    },
    /** Submits those that can be parsed, all at once, so that they share one group commit. */
    async sendAll(transfers, source) {
      const parsed = transfers.map((transfer): TransferRequest | { readonly error: unknown } => {
        try {
          return parseTransfer(transfer, domain);
        } catch (error) {
          return { error };
        }
      });
      const submissions = parsed.filter((item) => 'kind' in item);
      const answers = (await submit(submissions, source)).values();
      return parsed.map((item) => encodeAnswer('kind' in item ? answers.next().value! : item));
    },
    async sendList(body, source) {
      const list = decodeBinaryList(body);
      requireDomain(domain, list.domain);
      const submissions = list.transfers.map(({ bytes, nonce }): Submission => ({ kind: 'packed', bytes, nonce }));
      return (await submit(submissions, source)).map(encodeAnswer);
    },
  };
}
