/** The journal: the log that several nodes share. One of them leads and appends, fenced by epochs; all read. */

import type { Clock, Logger } from '../../runtime/index.ts';
import type { LogHead } from '../head-file.ts';
import type { LogRow } from '../log-codec.ts';

/** How long a lease holds, by the journal's clock. */
export const LEASE_MS = 10_000;
/** How often its holder renews it. */
export const LEASE_RENEW_MS = 2_000;
/** How long before its end the holder stops acknowledging, by its own monotonic clock. */
export const LEASE_MARGIN_MS = 2_000;
/** Appends that may overlap. */
export const MAX_APPENDS_IN_FLIGHT = 4;
/** Entries of one segment. */
export const MAX_SEGMENT_ENTRIES = 4_096;
/** Bytes of one segment's body. */
export const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;

/** What the first node writes down, and each later one must agree with. */
export interface Deployment {
  readonly chainId: bigint;
  /** Address of the rollup's contract. */
  readonly contract: string;
}

/** A row of the log without its chain, which is recomputed by whoever reads it. */
export type JournalRow = Omit<LogRow, 'chain'>;

/** What one group of entries makes durable, whole or not at all. `segmentOf` makes one. */
export interface Segment {
  /** Sequence of its first entry. */
  readonly first: number;
  /** Sequence of its last entry, inclusive. */
  readonly last: number;
  /** 32 bytes: the chain before the first entry. */
  readonly previous: Buffer;
  /** 32 bytes: the chain after the last entry. */
  readonly chain: Buffer;
  /** That of the leader that appends it. */
  readonly epoch: number;
  /** 1 to MAX_SEGMENT_ENTRIES, in order of their sequences, which have no gap. */
  readonly rows: readonly JournalRow[];
}

/** One term of a leader. */
export interface LeaseTerm {
  /** Grows by one with each leader. */
  readonly epoch: number;
  /** Name of the node. */
  readonly holder: string;
  /** Where other nodes reach it. */
  readonly url: string;
  /** When it ends at the earliest, by `clock.monotonicMs` of this process. */
  readonly untilMs: number;
}

/** Whoever leads, as the journal has it. */
export interface LeaseHolder {
  readonly epoch: number;
  readonly holder: string;
  readonly url: string;
  /** By the journal's clock. */
  readonly isExpired: boolean;
}

/** Who leads. Safety does not depend on it: an append counts only while the lease has its epoch. */
export interface Lease {
  /**
   * Takes it with the next epoch when it is free or expired, by the journal's clock, or was taken through this connection.
   * A node of the same name in another process, or in an earlier one, is another.
   *
   * @returns undefined while another holds it.
   * @throws RollupError JOURNAL_UNAVAILABLE.
   */
  acquire(): Promise<LeaseTerm | undefined>;
  /**
   * @throws RollupError NOT_LEADER when another has taken it, or it was given up: appends of it that are in flight then fail
   * too; JOURNAL_UNAVAILABLE.
   */
  renew(term: LeaseTerm): Promise<LeaseTerm>;
  /**
   * Gives it up, so that others need not wait; appends of it that are in flight fail at once, and may yet be taken. One that
   * another node has taken stays.
   *
   * @throws RollupError JOURNAL_UNAVAILABLE.
   */
  release(term: LeaseTerm): Promise<void>;
  /** @returns undefined before the first term. @throws RollupError JOURNAL_UNAVAILABLE. */
  holder(): Promise<LeaseHolder | undefined>;
}

/** What a node says of itself. No authority: for people and dashboards. */
export interface NodeRow {
  readonly name: string;
  readonly url: string;
  readonly role: 'leader' | 'replica';
  /** Epoch of the last segment that it has. */
  readonly epoch: number;
  /** Sequence of the last entry that it has. */
  readonly head: number;
  readonly version: string;
}

/** Rows that nodes write of themselves. */
export interface NodeTable {
  /** @throws RollupError JOURNAL_UNAVAILABLE. */
  put(node: NodeRow): Promise<void>;
  /** In order of their names, without those that were silent for a day. @throws RollupError JOURNAL_UNAVAILABLE. */
  list(): Promise<(NodeRow & { readonly secondsAgo: number })[]>;
}

/** Whether what is appended is on a second machine when it counts. */
export interface Quorum {
  readonly isMet: boolean;
  /** Whether they wait for one that is not there: none ends until it is. Where it is not so, they wait for nobody. */
  readonly isStalled?: true;
  /** What is missing. */
  readonly reason?: string;
}

/**
 * One node's connection to the journal. Whatever throws JOURNAL_UNAVAILABLE throws JOURNAL_DAMAGED when its tables were torn
 * since it was opened: no other try mends that.
 */
export interface Journal {
  /** Random, made with the journal: a node that belongs to one remembers it, and does not begin another by mistake. */
  readonly id: string;
  /** Where it is, for people: without user and password. */
  readonly name: string;
  /** Where it begins: the head of the log before its first entry. */
  readonly base: LogHead;
  /** The secret that the nodes of this rollup know each other by: 64 hexadecimal digits. Never logged. */
  readonly secret: string;
  readonly lease: Lease;
  readonly nodes: NodeTable;
  /** Sequence and chain of the newest entry. @throws RollupError JOURNAL_UNAVAILABLE. */
  head(): Promise<LogHead>;
  /**
   * Resolves when the segment is durable, on the standby too where there is one. Calls may overlap, at most
   * MAX_APPENDS_IN_FLIGHT, and take effect in their order.
   *
   * @throws RollupError NOT_LEADER when another epoch has begun or the segment does not follow the newest entry,
   * JOURNAL_DAMAGED when its tables are torn: it was not taken; JOURNAL_UNAVAILABLE when it cannot be known whether it was
   * taken. Every later append of this epoch then fails too, with the same code. QUEUE_FULL when more overlap.
   */
  append(segment: Segment): Promise<void>;
  /**
   * Segments after this head, in order, until the present end; each is checked against its chain.
   *
   * @throws RollupError JOURNAL_BEHIND when it ends before this head or begins behind it, JOURNAL_DAMAGED when it has
   * another chain there or is broken, JOURNAL_UNAVAILABLE.
   */
  read(after: LogHead): AsyncIterable<Segment>;
  /** Told when there may be more. Never throws. @returns how to stop. */
  watch(onNews: () => void): () => void;
  /** Whether commits wait for a standby at present. @throws RollupError JOURNAL_UNAVAILABLE. */
  quorum(): Promise<Quorum>;
  /** Waits for what is in flight, but not for long. The lease stays: `release` gives it up. */
  close(): Promise<void>;
}

/** How a node opens its journal. */
export interface JournalOptions {
  /** `postgres://user:password@host[,host…]/database`; the password is in no error and no log. */
  readonly url: string;
  readonly deployment: Deployment;
  readonly nodeName: string;
  /** Where other nodes reach this one. */
  readonly nodeUrl: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where a journal begins that does not exist yet: the head of this node's log. None is begun if not given. */
  readonly startAt?: LogHead;
  /** `id` of the journal that this node belongs to: another one is refused. */
  readonly known?: string;
}
