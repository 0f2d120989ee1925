/**
 * Whose account stood in a leaf when an entry named it. What is in a batch, or can still be, names the account of today. A
 * transfer that was dropped may have named one that was dropped with the transfer which created it, and whose leaf is
 * another's by now: then the entry that created it tells.
 */

import {
  type Account,
  type Hasher,
  invariantBroken,
  isOnCurve,
  RecordKind,
  transactionMessage,
  unpackOwnerAndToken,
} from '@quittance/protocol';
import { accountKey, type LoggedEntry, type LoggedTransfer, type Storage } from '../storage/index.ts';
import type { Ledger } from './mempool/ledger.ts';

/** An account as an entry of the log names it: what of it never changes. */
export interface Occupant {
  readonly index: number;
  readonly keyY: bigint;
  readonly owner: bigint;
  readonly tokenId: number;
}

/** Knows who stood where. */
export interface Occupants {
  senderOf(logged: LoggedTransfer, isDropped: boolean): Occupant;
  /** Undefined where the money goes to L1. */
  receiverOf(logged: LoggedTransfer, isDropped: boolean): Occupant | undefined;
  /** The account of today in a leaf. */
  now(index: number): Occupant | undefined;
}

export interface OccupantsOptions {
  readonly storage: Pick<Storage, 'log' | 'lookups'>;
  readonly ledger: Pick<Ledger, 'pending'>;
  readonly hasher: Hasher;
  readonly domain: bigint;
}

/** Entries that are read at a time on the way back to the one that created an account. */
const PAGE = 64;

const occupantOf = (index: number, { keyY, owner, tokenId }: Account): Occupant => ({ index, keyY, owner, tokenId });

/** Occupants by the log and the pending state. */
export function createOccupants({ storage, ledger, hasher, domain }: OccupantsOptions): Occupants {
  const { log, lookups } = storage;

  const now = (index: number): Occupant | undefined => {
    const account = ledger.pending.get(index);
    return account === undefined ? undefined : occupantOf(index, account);
  };

  /** Whether the signature of a transfer can be one of this account: two keys share no x on the curve but opposite ones. */
  const isSender = ({ entry: { operation } }: LoggedTransfer, { keyY }: Occupant): boolean =>
    operation.authorization !== undefined && isOnCurve({ x: operation.authorization.keyX, y: keyY });

  /** Whether the id of a transfer is the hash of this receiver. */
  const isReceiver = ({ entry }: LoggedTransfer, { keyY, owner }: Occupant): boolean => {
    const { operation, nonce, id } = entry;
    const validUntil = operation.authorization?.validUntil ?? 0;
    const receiver = { receiverKeyY: keyY, receiverOwner: owner };
    return transactionMessage(hasher, { domain, fields: operation.fields, nonce, validUntil, ...receiver }) === id;
  };

  /** The last account that an entry up to `sequence` put into the leaf. */
  const createdBefore = (index: number, sequence: number): Occupant => {
    for (let before = sequence + 1; ; ) {
      const found = lookups.before(accountKey(index), before, PAGE);
      for (const one of found) {
        const created = creationOf(index, log.get(one));
        if (created !== undefined) return created;
      }
      if (found.length < PAGE) break;
      before = found.at(-1)!;
    }
    throw invariantBroken(`no entry of the log up to ${sequence} creates account ${index}`, { index, sequence });
  };

  /** The account that an entry puts into the leaf, if it is a deposit or a transfer to a new account that does. */
  const creationOf = (index: number, logged: LoggedEntry | undefined): Occupant | undefined => {
    if (logged?.entry.type !== 'transfer' && logged?.entry.type !== 'priority') return undefined;
    const { fields, words } = logged.entry.operation;
    if (fields.to !== index) return undefined;
    if (fields.kind === RecordKind.deposit) return { index, keyY: words[0]!, ...unpackOwnerAndToken(words[1]!) };
    if (fields.kind !== RecordKind.transferToNew) return undefined;
    const { tokenId } = createdBefore(fields.from, logged.sequence - 1);
    return { index, keyY: words[0]!, owner: words[1]!, tokenId };
  };

  const senderOf = (logged: LoggedTransfer, isDropped: boolean): Occupant => {
    const { from } = logged.entry.operation.fields;
    const present = now(from);
    if (present !== undefined && (!isDropped || isSender(logged, present))) return present;
    return createdBefore(from, logged.sequence - 1);
  };

  return {
    now,
    senderOf,
    receiverOf(logged, isDropped) {
      const { fields, words } = logged.entry.operation;
      const { kind, to } = fields;
      if (kind === RecordKind.transferToNew) {
        const { tokenId } = senderOf(logged, isDropped);
        return { index: to, keyY: words[0]!, owner: words[1]!, tokenId };
      }
      if (kind !== RecordKind.transfer) return undefined;
      const present = now(to);
      if (present !== undefined && (!isDropped || isReceiver(logged, present))) return present;
      return createdBefore(to, logged.sequence - 1);
    },
  };
}
