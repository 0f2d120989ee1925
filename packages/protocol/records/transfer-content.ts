/** The record of what a signer asks for: amounts as values, before they have an encoding. Source: docs/protocol.md, Records. */

import { RollupError } from '../errors/index.ts';
import { requireBits, requireFieldElement } from '../integers.ts';
import { OWNER_BITS } from '../params.ts';
import { packOwnerAndToken } from '../tree/leaf.ts';
import { type MoveTarget, RecordKind } from '../types.ts';
import type { RecordData } from './codec.ts';
import { float16, float40 } from './float.ts';

/** A transfer, a transfer to a new account, a withdrawal, or a move. `amount` and `fee` are base units with an exact encoding. */
export type TransferContent = { readonly from: number; readonly amount: bigint; readonly fee: bigint } & (
  | { readonly kind: 'transfer'; readonly to: number }
  | { readonly kind: 'transferToNew'; readonly receiver: { readonly keyY: bigint; readonly owner: bigint } }
  /** `account` is the paying account: its owner and token are what L1 pays out. */
  | { readonly kind: 'withdraw'; readonly account: PayingAccount }
  /** Likewise; `destination` is a number of the list on L1, `keyY` the key there. */
  | ({ readonly kind: 'move'; readonly account: PayingAccount } & MoveTarget)
);

/** What the words of a payout say of the account that pays. */
interface PayingAccount {
  readonly owner: bigint;
  readonly tokenId: number;
}

function newAccountWords({ keyY, owner }: { readonly keyY: bigint; readonly owner: bigint }): bigint[] {
  requireFieldElement('receiver.keyY', keyY);
  requireBits('receiver.owner', owner, OWNER_BITS);
  if (owner === 0n) {
    throw new RollupError('ZERO_OWNER', 'the owner of the new account is address 0: nobody could withdraw from it', {
      name: 'receiver.owner',
    });
  }
  return [keyY, owner, 0n];
}

function wordsOf(content: TransferContent): bigint[] {
  if (content.kind === 'transfer') return [];
  if (content.kind === 'transferToNew') return newAccountWords(content.receiver);
  const { owner, tokenId } = content.account;
  const keyY = content.kind === 'move' ? requireFieldElement('keyY', content.keyY) : 0n;
  return [keyY, packOwnerAndToken(owner, tokenId), content.amount];
}

function toOf(content: TransferContent, newIndex: number): number {
  if (content.kind === 'transfer') return content.to;
  if (content.kind === 'transferToNew') return newIndex;
  return content.kind === 'move' ? content.destination : 0;
}

/**
 * The record with its words.
 *
 * @param newIndex Leaf of the account that a transferToNew creates; other kinds ignore it.
 * @throws RollupError NOT_REPRESENTABLE for an amount or fee without an exact encoding; OUT_OF_RANGE or ZERO_OWNER.
 */
export function transferRecord(content: TransferContent, newIndex = 0): RecordData {
  const { kind, from, amount, fee } = content;
  const floats = { amountFloat: float40.encode(amount), feeFloat: Number(float16.encode(fee)) };
  return { fields: { kind: RecordKind[kind], from, to: toOf(content, newIndex), ...floats }, words: wordsOf(content) };
}
