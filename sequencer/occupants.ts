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
import {
  creationKey,
  type LoggedEntry,
  type LoggedPriority,
  type LoggedTransfer,
  type Storage,
} from '../storage/index.ts';
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

/** Tokens of transfers that are remembered: a page of a history asks for the same ones again. */
const TOKENS_KEPT = 16_384;

const isTransfer = (logged: LoggedEntry): logged is LoggedTransfer => logged.entry.type === 'transfer';

/** Whether an entry puts an account into the leaf, or pays into the one that is there: a deposit or a transfer to a new account. */
function isCreation(logged: LoggedEntry, index: number): logged is LoggedTransfer | LoggedPriority {
  if (logged.entry.type !== 'transfer' && logged.entry.type !== 'priority') return false;
  const { kind, to } = logged.entry.operation.fields;
  return to === index && (kind === RecordKind.deposit || kind === RecordKind.transferToNew);
}

const occupantOf = (index: number, { keyY, owner, tokenId }: Account): Occupant => ({ index, keyY, owner, tokenId });

/** The last entry up to `sequence` that put an account into the leaf. */
function creationBefore(
  { log, lookups }: OccupantsOptions['storage'],
  index: number,
  sequence: number,
): LoggedTransfer | LoggedPriority {
  for (let before = sequence + 1; ; ) {
    const [found] = lookups.before(creationKey(index), before, 1);
    if (found === undefined) break;
    const logged = log.get(found);
    // A row can be damaged, so what it finds is compared.
    if (logged !== undefined && isCreation(logged, index)) return logged;
    before = found;
  }
  throw invariantBroken(`no entry of the log up to ${sequence} creates account ${index}`, { index, sequence });
}

/** Occupants by the log and the pending state. */
export function createOccupants({ storage, ledger, hasher, domain }: OccupantsOptions): Occupants {
  /** By sequence, of transfers whose senders are no accounts of today. */
  const tokens = new Map<number, number>();

  const now = (index: number): Occupant | undefined => {
    const account = ledger.pending.get(index);
    return account === undefined ? undefined : occupantOf(index, account);
  };

  /** Whether the signature of a transfer can be one of this account: two keys share no x on the curve but opposite ones. */
  const isSender = ({ entry: { operation } }: LoggedTransfer, { keyY }: Occupant): boolean =>
    operation.authorization !== undefined && isOnCurve({ x: operation.authorization.keyX, y: keyY });

  /** The account of today that sent a transfer, if it did. */
  const presentSender = (logged: LoggedTransfer): Occupant | undefined => {
    const present = now(logged.entry.operation.fields.from);
    return present !== undefined && isSender(logged, present) ? present : undefined;
  };

  /** Whether the id of a transfer is the hash of this receiver. */
  const isReceiver = ({ entry }: LoggedTransfer, { keyY, owner }: Occupant): boolean => {
    const { operation, nonce, id } = entry;
    const validUntil = operation.authorization?.validUntil ?? 0;
    const receiver = { receiverKeyY: keyY, receiverOwner: owner };
    return transactionMessage(hasher, { domain, fields: operation.fields, nonce, validUntil, ...receiver }) === id;
  };

  /** The token of a transfer: of the nearest account before it that its signature shows, or that a deposit created. */
  const tokenOf = (transfer: LoggedTransfer): number => {
    const passed: number[] = [];
    let tokenId: number | undefined;
    for (let logged = transfer; tokenId === undefined; ) {
      tokenId = tokens.get(logged.sequence) ?? presentSender(logged)?.tokenId;
      if (tokenId !== undefined) break;
      passed.push(logged.sequence);
      const creation = creationBefore(storage, logged.entry.operation.fields.from, logged.sequence - 1);
      if (isTransfer(creation)) logged = creation;
      else tokenId = unpackOwnerAndToken(creation.entry.operation.words[1]!).tokenId;
    }
    if (tokens.size + passed.length > TOKENS_KEPT) tokens.clear();
    for (const sequence of passed.slice(-TOKENS_KEPT)) tokens.set(sequence, tokenId);
    return tokenId;
  };

  /** The last account that an entry up to `sequence` put into the leaf. */
  const createdBefore = (index: number, sequence: number): Occupant => {
    const creation = creationBefore(storage, index, sequence);
    const { words } = creation.entry.operation;
    if (isTransfer(creation)) return { index, keyY: words[0]!, owner: words[1]!, tokenId: tokenOf(creation) };
    return { index, keyY: words[0]!, ...unpackOwnerAndToken(words[1]!) };
  };

  const senderOf = (logged: LoggedTransfer, isDropped: boolean): Occupant => {
    const { from } = logged.entry.operation.fields;
    const present = isDropped ? presentSender(logged) : now(from);
    return present ?? createdBefore(from, logged.sequence - 1);
  };

  return {
    now,
    senderOf,
    receiverOf(logged, isDropped) {
      const { fields, words } = logged.entry.operation;
      const { kind, to } = fields;
      if (kind === RecordKind.transferToNew) {
        const tokenId = isDropped ? tokenOf(logged) : senderOf(logged, false).tokenId;
        return { index: to, keyY: words[0]!, owner: words[1]!, tokenId };
      }
      if (kind !== RecordKind.transfer) return undefined;
      const present = now(to);
      if (present !== undefined && (!isDropped || isReceiver(logged, present))) return present;
      return createdBefore(to, logged.sequence - 1);
    },
  };
}
