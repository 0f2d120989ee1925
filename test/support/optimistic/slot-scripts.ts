/** What a producer puts into a slot of an asserted batch: made when the state before it is known, true or not. */

import {
  type Account,
  type ChunkContext,
  encodeAuthorization,
  float16,
  float40,
  forcedExitAmount,
  NOOP,
  type Operation,
  packOwnerAndToken,
  type RecordData,
  type RecordFields,
  RecordKind,
  type RecordWords,
  type StateView,
  signMessage,
  transactionMessage,
} from '@quittance/protocol';
import type { Person } from '../rollup/person.ts';
import { portableCrypto } from '../rollup/world.ts';

/** What stands before the slot, as the producer claims it. */
export interface SlotView {
  readonly view: StateView;
  readonly context: ChunkContext;
  readonly fees: readonly bigint[];
}

/** What the producer says that the record does; fee sums that are left out stay. */
export interface Pretence {
  readonly changes: readonly { readonly index: number; readonly after: Account }[];
  readonly fees?: readonly bigint[];
}

/** A record with the bytes that should authorize it (none for kinds 0 and 4 to 6), and the claim when it is not the truth. */
export interface SlotClaim extends Operation {
  readonly authorizationBytes: Uint8Array;
  readonly pretence?: Pretence;
}

export type SlotScript = (slot: SlotView) => SlotClaim;

/** Someone who signs for the account at `index`. */
export interface Holder extends Person {
  readonly index: number;
}

/** What is other than it should be in a signed record. */
export interface SignedChanges {
  readonly fields?: Partial<RecordFields>;
  readonly words?: RecordWords;
  readonly fee?: bigint;
  readonly validUntil?: number;
  readonly nonceOffset?: number;
  readonly signer?: Person;
  readonly domain?: bigint;
}

const NOBODY: Account = { keyY: 0n, owner: 0n, tokenId: 0, nonce: 0, balance: 0n };

/** The account at an index, or one of zeros. */
export const accountAt = (view: StateView, index: number): Account => view.get(index) ?? NOBODY;

function signed(slot: SlotView, holder: Holder, draft: RecordData, changes: SignedChanges): SlotClaim {
  const { view, context } = slot;
  const { fee = 0n, validUntil = 0, nonceOffset = 0, signer = holder, domain = context.domain } = changes;
  const fields = { ...draft.fields, feeFloat: Number(float16.encode(fee)), ...changes.fields };
  const words = changes.words ?? draft.words;
  const receiver = accountAt(view, fields.to);
  const [receiverKeyY, receiverOwner] =
    fields.kind === RecordKind.transfer
      ? [receiver.keyY, receiver.owner]
      : fields.kind === RecordKind.transferToNew
        ? [words[0]!, words[1]!]
        : fields.kind === RecordKind.move
          ? [words[0]!, 0n]
          : [0n, 0n];
  const nonce = accountAt(view, fields.from).nonce + nonceOffset;
  const content = { domain, fields, nonce, validUntil, receiverKeyY, receiverOwner };
  const { hasher } = portableCrypto;
  const { r8, s } = signMessage(hasher, signer.keyPair, transactionMessage(hasher, content));
  const authorization = { validUntil, keyX: signer.keyPair.publicKey.x, r8, s };
  return { fields, words, authorization, authorizationBytes: encodeAuthorization(authorization) };
}

const fieldsOf = (kind: number, from: number, to: number, amount = 0n): RecordFields => ({
  kind,
  from,
  to,
  amountFloat: float40.encode(amount),
  feeFloat: 0,
});

const unsigned = (operation: Operation): SlotClaim => ({ ...operation, authorizationBytes: new Uint8Array() });

export const noop: SlotScript = () => unsigned(NOOP);

/** Any record that nobody signs. */
export const plain =
  (fields: Partial<RecordFields> & Pick<RecordFields, 'kind'>, words: RecordWords = []): SlotScript =>
  () =>
    unsigned({ fields: { ...NOOP.fields, ...fields }, words });

export const transferOf =
  (from: Holder, to: number, amount: bigint, changes: SignedChanges = {}): SlotScript =>
  (slot) =>
    signed(slot, from, { fields: fieldsOf(RecordKind.transfer, from.index, to, amount), words: [] }, changes);

export const transferToNewOf =
  (from: Holder, to: Holder, amount: bigint, changes: SignedChanges = {}): SlotScript =>
  (slot) => {
    const fields = fieldsOf(RecordKind.transferToNew, from.index, to.index, amount);
    return signed(slot, from, { fields, words: [to.keyPair.publicKey.y, to.owner, 0n] }, changes);
  };

export const withdrawOf =
  (from: Holder, amount: bigint, changes: SignedChanges = {}): SlotScript =>
  (slot) => {
    const { owner, tokenId } = accountAt(slot.view, from.index);
    const words = [0n, packOwnerAndToken(owner, tokenId), amount];
    return signed(slot, from, { fields: fieldsOf(RecordKind.withdraw, from.index, 0, amount), words }, changes);
  };

/** A move to a destination, for a key there. */
export const moveOf =
  (from: Holder, destination: number, amount: bigint, changes: SignedChanges = {}): SlotScript =>
  (slot) => {
    const { owner, tokenId } = accountAt(slot.view, from.index);
    const words = [from.keyPair.publicKey.y, packOwnerAndToken(owner, tokenId), amount];
    return signed(slot, from, { fields: fieldsOf(RecordKind.move, from.index, destination, amount), words }, changes);
  };

/** Executes an operation of the queue: a deposit into the leaf `to`, an exit with what it pays. */
export const priorityOf =
  (operation: RecordData, to = 0): SlotScript =>
  ({ view }) => {
    const { fields, words } = operation;
    if (fields.kind === RecordKind.deposit) return unsigned({ fields: { ...fields, to }, words });
    return unsigned({ fields, words: words.with(2, forcedExitAmount(view.get(fields.from), words[1]!)) });
  };

export const collectOf = (to: number): SlotScript => plain({ kind: RecordKind.collectFee, to });

/** The same record with another claim of what it does. */
export const pretending =
  (script: SlotScript, pretend: (slot: SlotView) => Pretence): SlotScript =>
  (slot) => ({ ...script(slot), pretence: pretend(slot) });

/** The same record with other bytes to authorize it. */
export const authorizedBy =
  (script: SlotScript, change: (bytes: Uint8Array) => Uint8Array): SlotScript =>
  (slot) => {
    const claim = script(slot);
    return { ...claim, authorizationBytes: change(claim.authorizationBytes) };
  };

/** What a transfer of `amount` would do if it were allowed. */
export const moving =
  (from: number, to: number, amount: bigint) =>
  ({ view }: SlotView): Pretence => {
    const [sender, receiver] = [accountAt(view, from), accountAt(view, to)];
    return {
      changes: [
        { index: from, after: { ...sender, nonce: sender.nonce + 1, balance: sender.balance - amount } },
        { index: to, after: { ...receiver, balance: receiver.balance + amount } },
      ],
    };
  };
