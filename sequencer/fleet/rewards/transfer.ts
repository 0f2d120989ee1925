/** The transfer that pays a reward: the same bytes each time it is made, so that its id is known before it is sent. */

import {
  float40,
  type Hasher,
  type KeyPair,
  referenceMessage,
  signMessage,
  transactionMessage,
  transferRecord,
} from '@quittance/protocol';
import type { TransferRequest } from '../../mempool/request.ts';
import type { Payee } from '../types.ts';

/** What is paid, to whom, from where. Base units. */
export interface RewardTransfer {
  /** Index of the operator's account. */
  readonly from: number;
  readonly nonce: number;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly payee: Payee;
  /** Index of the payee's account in this token; undefined where it is made by the transfer. */
  readonly to: number | undefined;
  readonly batch: number;
}

/** A signed one. */
export interface SignedReward {
  readonly id: bigint;
  readonly request: TransferRequest;
}

const REFERENCE = 'proofs of batch ';

/** What the payment is for: whoever finds it in the log knows which batch was paid. */
export function rewardReference(batch: number): Uint8Array {
  return new TextEncoder().encode(`${REFERENCE}${batch}`);
}

/** Whether a reference is that of some batch's reward. */
export function isRewardReference(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).toString('latin1').startsWith(REFERENCE);
}

/** The most that can be paid of a sum of rewards: an amount that a record can state. */
export function payable(sum: bigint): bigint {
  return float40.floor(sum);
}

/** Signs it. Deterministic. */
export function signReward(
  { secret, publicKey }: KeyPair,
  domain: bigint,
  { from, nonce, amount, fee, payee, to, batch }: RewardTransfer,
  hasher: Hasher,
): SignedReward {
  const common = { from, amount, fee };
  const content =
    to === undefined
      ? ({ kind: 'transferToNew', receiver: payee, ...common } as const)
      : ({ kind: 'transfer', to, ...common } as const);
  const receiver = { receiverKeyY: payee.keyY, receiverOwner: payee.owner };
  const { fields } = transferRecord(content);
  const id = transactionMessage(hasher, { domain, fields, nonce, validUntil: 0, ...receiver });
  const key = { secret, publicKey };
  const authorization = { validUntil: 0, keyX: publicKey.x, ...signMessage(hasher, key, id) };
  const bytes = rewardReference(batch);
  const reference = { bytes, ...signMessage(hasher, key, referenceMessage(hasher, id, bytes)) };
  const signed = { ...common, nonce, authorization, reference };
  const request: TransferRequest =
    to === undefined
      ? { kind: 'transferToNew', toKeyY: payee.keyY, toOwner: payee.owner, ...signed }
      : { kind: 'transfer', to, ...signed };
  return { id, request };
}

/** A reward as text, to be signed again. Inverse: `decodeReward`. */
export function encodeReward(reward: RewardTransfer): string {
  return JSON.stringify(reward, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

/** Reads text of our own. */
export function decodeReward(text: string): RewardTransfer {
  const parsed = JSON.parse(text, (_, value: unknown) =>
    typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as Omit<RewardTransfer, 'to'> & { readonly to?: number };
  return { ...parsed, to: parsed.to };
}
