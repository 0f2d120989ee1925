/** What happened to accounts: entries of the log with what became of them, looked up and not kept. */

import { float16, float40, RecordKind, unpackOwnerAndToken } from '@quittance/protocol';
import {
  accountKey,
  type LoggedEntry,
  type LoggedPriority,
  type LoggedTransfer,
  type LookupKey,
  ownerKey,
  type PaymentReference,
  type Placement,
  referenceKey,
  type Storage,
} from '../storage/index.ts';
import type { Occupant, Occupants } from './occupants.ts';
import type { TransferStatus } from './types.ts';

/** Why a forced exit paid nothing. */
export type NoExit = 'EXIT_NO_ACCOUNT' | 'EXIT_OTHER_OWNER' | 'EXIT_NOTHING_TO_PAY';

/** What became of an entry. */
interface Fate {
  readonly status: TransferStatus;
  readonly placement: Placement | undefined;
  /** The code of a drop, or why a forced exit paid nothing. */
  readonly reason: string | undefined;
}

/** A transfer of a history. */
export interface TransferEvent extends Fate {
  readonly type: 'transfer';
  readonly logged: LoggedTransfer;
  readonly from: Occupant;
  readonly to: Occupant | undefined;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly reference: PaymentReference | undefined;
}

/** A deposit or a forced exit of a history. */
export interface PriorityEvent extends Fate {
  readonly type: 'priority';
  readonly logged: LoggedPriority;
  readonly kind: 'deposit' | 'forcedExit';
  /** Index of the account. */
  readonly account: number;
  /** As it was asked for. */
  readonly owner: bigint;
  readonly tokenId: number;
  /** The account that gets a deposit, or that pays; undefined where an exit names none of this owner and token. */
  readonly occupant: Occupant | undefined;
  /** Of a forced exit undefined until it is in a batch. */
  readonly amount: bigint | undefined;
}

export type HistoryEvent = TransferEvent | PriorityEvent;

/** A page, newest first. */
export interface HistorySlice {
  readonly events: readonly HistoryEvent[];
  /** What to ask the next one by; undefined at the end. */
  readonly next: number | undefined;
}

/** Which page. */
export interface PageOptions {
  readonly before: number;
  readonly limit: number;
}

/** Reads histories. */
export interface History {
  ofAccount(account: number, page: PageOptions): HistorySlice;
  /** Transfers with this reference, of one account if it is given. */
  withReference(bytes: Uint8Array, account: number | undefined, page: PageOptions): HistorySlice;
  /** Entries of any of these accounts from `first` on, oldest first, at most `limit`. */
  from(accounts: readonly number[], first: number, limit: number): HistoryEvent[];
  /** @param status when it is known better than the database has it now. */
  eventOf(logged: LoggedEntry, status?: TransferStatus): HistoryEvent | undefined;
  /** A transfer whose place in a batch nobody asks for. */
  transferOf(logged: LoggedTransfer, status: TransferStatus, reason: string | undefined): TransferEvent;
  /** A request from L1 by its number; undefined while the log does not have it. */
  priority(operationId: number): PriorityEvent | undefined;
  /** Those of an owner with a number above `after`, ascending, at most `limit`. */
  priorityOf(owner: bigint, after: number, limit: number): PriorityEvent[];
}

export interface HistoryOptions {
  readonly storage: Pick<Storage, 'log' | 'lookups' | 'outcomes' | 'batches' | 'priority'>;
  readonly occupants: Occupants;
}

const UNDECIDED: Fate = { status: 'pending', placement: undefined, reason: undefined };

/** What became of a logged operation. */
export function fateOf({ outcomes, batches }: HistoryOptions['storage'], sequence: number): Fate {
  const drop = outcomes.dropOf(sequence);
  if (drop !== undefined) return { status: 'dropped', placement: undefined, reason: drop.code };
  const placement = outcomes.placementOf(sequence);
  const status = placement === undefined ? 'pending' : batches.get(placement.batch)!.state;
  return { status, placement, reason: undefined };
}

const isTransfer = (logged: LoggedEntry): logged is LoggedTransfer => logged.entry.type === 'transfer';
const isPriority = (logged: LoggedEntry): logged is LoggedPriority => logged.entry.type === 'priority';

/** Whether a lookup found what was looked for: keys are hashes, and a row can be damaged. */
type Fits = (event: HistoryEvent) => boolean;

const names =
  (account: number): Fits =>
  (event) =>
    event.type === 'priority' ? event.account === account : event.from.index === account || event.to?.index === account;

const hasReference =
  (bytes: Uint8Array): Fits =>
  (event) =>
    event.type === 'transfer' && event.reference !== undefined && Buffer.from(bytes).equals(event.reference.bytes);

/** Histories of the log. */
export function createHistory({ storage, occupants }: HistoryOptions): History {
  const { log, lookups, outcomes } = storage;

  const transferEvent = (logged: LoggedTransfer, fate: Fate): TransferEvent => {
    const { operation, reference } = logged.entry;
    const isDropped = fate.status === 'dropped';
    return {
      ...{ type: 'transfer', logged, reference, ...fate },
      from: occupants.senderOf(logged, isDropped),
      to: occupants.receiverOf(logged, isDropped),
      amount: float40.decode(operation.fields.amountFloat),
      fee: float16.decode(BigInt(operation.fields.feeFloat)),
    };
  };

  /** What an exit paid, and why not more than nothing. */
  const paid = ({ placement }: Fate, occupant: Occupant | undefined, present: Occupant | undefined) => {
    if (placement === undefined) return { amount: undefined };
    if (placement.withdrawal !== undefined) {
      return { amount: outcomes.withdrawalAt(placement.batch, placement.withdrawal)?.amount };
    }
    const reason: NoExit =
      present === undefined ? 'EXIT_NO_ACCOUNT' : occupant === undefined ? 'EXIT_OTHER_OWNER' : 'EXIT_NOTHING_TO_PAY';
    return { amount: 0n, reason };
  };

  const priorityEvent = (logged: LoggedPriority, fate: Fate): PriorityEvent => {
    const { fields, words } = logged.entry.operation;
    const { owner, tokenId } = unpackOwnerAndToken(words[1]!);
    const common = { type: 'priority', logged, owner, tokenId, ...fate } as const;
    if (fields.kind === RecordKind.deposit) {
      const occupant = { index: fields.to, keyY: words[0]!, owner, tokenId };
      return { ...common, kind: 'deposit', account: fields.to, occupant, amount: words[2]! };
    }
    const present = occupants.now(fields.from);
    const occupant = present?.owner === owner && present.tokenId === tokenId ? present : undefined;
    return { ...common, kind: 'forcedExit', account: fields.from, occupant, ...paid(fate, occupant, present) };
  };

  const eventOf: History['eventOf'] = (logged, status) => {
    if (!isTransfer(logged) && !isPriority(logged)) return undefined;
    const fate = status === 'pending' ? UNDECIDED : { ...fateOf(storage, logged.sequence), ...(status && { status }) };
    return isTransfer(logged) ? transferEvent(logged, fate) : priorityEvent(logged, fate);
  };

  const eventAt = (sequence: number): HistoryEvent | undefined => {
    const logged = log.get(sequence);
    return logged === undefined ? undefined : eventOf(logged);
  };

  /** @param limit how many entries are looked at: a page that leaves some out says all the same how to go on. */
  const slice = (key: LookupKey, { before, limit }: PageOptions, fits: Fits): HistorySlice => {
    const sequences = lookups.before(key, before, limit);
    const events = sequences.map(eventAt).filter((event) => event !== undefined && fits(event)) as HistoryEvent[];
    return { events, next: sequences.length < limit ? undefined : sequences.at(-1) };
  };

  const priority = (operationId: number): PriorityEvent | undefined => {
    const row = storage.priority.get(operationId);
    const event = row === undefined ? undefined : eventAt(row.sequence);
    return event?.type === 'priority' ? event : undefined;
  };

  return {
    eventOf,
    priority,
    transferOf: (logged, status, reason) => transferEvent(logged, { status, placement: undefined, reason }),
    ofAccount: (account, page) => slice(accountKey(account), page, names(account)),
    withReference(bytes, account, page) {
      const isMeant = hasReference(bytes);
      const isOf = account === undefined ? () => true : names(account);
      return slice(referenceKey(bytes), page, (event) => isMeant(event) && isOf(event));
    },
    from(accounts, first, limit) {
      const found = new Set(accounts.flatMap((account) => lookups.from(accountKey(account), first, limit)));
      const sequences = [...found].sort((one, other) => one - other).slice(0, limit);
      return sequences.map(eventAt).filter((event) => event !== undefined);
    },
    priorityOf(owner, after, limit) {
      const first = (after < 0 ? 0 : (storage.priority.get(after)?.sequence ?? Number.MAX_SAFE_INTEGER - 1)) + 1;
      const events = lookups.from(ownerKey(owner), first, limit).map(eventAt);
      return events.filter((event) => event?.type === 'priority' && event.owner === owner) as PriorityEvent[];
    },
  };
}
