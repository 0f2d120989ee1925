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
  /**
   * @param status when it is known better than the database has it now.
   * @param placement when it is known already.
   */
  eventOf(logged: LoggedEntry, status?: TransferStatus, placement?: Placement): HistoryEvent | undefined;
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

/** Finds what became of logged operations. */
type Fates = (sequence: number) => Fate;

/** Fates of many: what several of them need is read once. For as long as nothing is written in between. */
function createFates({ outcomes, batches }: HistoryOptions['storage']): Fates {
  const placementOf = outcomes.createFinder();
  const states = new Map<number, TransferStatus>();
  const stateOf = (batch: number): TransferStatus => {
    const state = states.get(batch) ?? batches.get(batch)!.state;
    states.set(batch, state);
    return state;
  };
  return (sequence) => {
    const drop = outcomes.dropOf(sequence);
    if (drop !== undefined) return { status: 'dropped', placement: undefined, reason: drop.code };
    const placement = placementOf(sequence);
    return { status: placement === undefined ? 'pending' : stateOf(placement.batch), placement, reason: undefined };
  };
}

/** What became of a logged operation. */
export function fateOf(storage: HistoryOptions['storage'], sequence: number): Fate {
  return createFates(storage)(sequence);
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

/** What an exit paid, and why not more than nothing. */
function paid(
  outcomes: Storage['outcomes'],
  { placement }: Fate,
  occupant: Occupant | undefined,
  present: Occupant | undefined,
): { readonly amount: bigint | undefined; readonly reason?: NoExit } {
  if (placement === undefined) return { amount: undefined };
  if (placement.withdrawal !== undefined) {
    return { amount: outcomes.withdrawalAt(placement.batch, placement.withdrawal)?.amount };
  }
  const reason: NoExit =
    present === undefined ? 'EXIT_NO_ACCOUNT' : occupant === undefined ? 'EXIT_OTHER_OWNER' : 'EXIT_NOTHING_TO_PAY';
  return { amount: 0n, reason };
}

/**
 * The requests from L1 of an owner from `first` on, at most `limit`. Two owners can have the same key: what is another's makes
 * no page shorter, since a short one is the last.
 */
function requestsOf(
  { log, lookups, priority }: HistoryOptions['storage'],
  owner: bigint,
  first: number,
  limit: number,
): LoggedPriority[] {
  const isOwn = (logged: LoggedEntry | undefined): logged is LoggedPriority =>
    logged !== undefined &&
    isPriority(logged) &&
    unpackOwnerAndToken(logged.entry.operation.words[1]!).owner === owner &&
    // L1 took it back otherwise, and has perhaps another one under its number.
    priority.get(logged.entry.queueIndex)?.sequence === logged.sequence;
  const requests: LoggedPriority[] = [];
  for (let next = first; requests.length < limit; ) {
    const found = lookups.from(ownerKey(owner), next, limit);
    requests.push(...found.map((sequence) => log.get(sequence)).filter(isOwn));
    if (found.length < limit) break;
    next = found.at(-1)! + 1;
  }
  return requests.slice(0, limit);
}

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
    const exited = paid(outcomes, fate, occupant, present);
    return { ...common, kind: 'forcedExit', account: fields.from, occupant, ...exited };
  };

  const eventWith = (logged: LoggedEntry, fates: Fates): HistoryEvent | undefined => {
    if (isTransfer(logged)) return transferEvent(logged, fates(logged.sequence));
    return isPriority(logged) ? priorityEvent(logged, fates(logged.sequence)) : undefined;
  };

  const eventOf: History['eventOf'] = (logged, status, placement) =>
    eventWith(logged, (sequence) => {
      if (status === 'pending') return UNDECIDED;
      if (status !== undefined && placement !== undefined) return { status, placement, reason: undefined };
      return { ...fateOf(storage, sequence), ...(status && { status }) };
    });

  /** What is in the log at these places, as it is now. */
  const eventsAt = (sequences: readonly number[]): HistoryEvent[] => {
    const fates = createFates(storage);
    return sequences.flatMap((sequence) => {
      const logged = log.get(sequence);
      return (logged && eventWith(logged, fates)) ?? [];
    });
  };

  /** @param limit how many entries are looked at: a page that leaves some out says all the same how to go on. */
  const slice = (key: LookupKey, { before, limit }: PageOptions, fits: Fits): HistorySlice => {
    const sequences = lookups.before(key, before, limit);
    return { events: eventsAt(sequences).filter(fits), next: sequences.length < limit ? undefined : sequences.at(-1) };
  };

  const priority = (operationId: number): PriorityEvent | undefined => {
    const row = storage.priority.get(operationId);
    const [event] = row === undefined ? [] : eventsAt([row.sequence]);
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
      return eventsAt(sequences);
    },
    priorityOf(owner, after, limit) {
      const first = (after < 0 ? 0 : (storage.priority.get(after)?.sequence ?? Number.MAX_SAFE_INTEGER - 1)) + 1;
      const fates = createFates(storage);
      return requestsOf(storage, owner, first, limit).map((logged) => priorityEvent(logged, fates(logged.sequence)));
    },
  };
}
