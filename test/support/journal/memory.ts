/**
 * A journal in memory that several nodes share, on the test's clock, with faults as the test orders them. It judges
 * appends and leases as the real one does: test/storage/journal runs the same rules against both.
 */

import type { LogHead } from '../../../storage/head-file.ts';
import { type Appends, createAppends } from '../../../storage/journal/appends.ts';
import {
  journalBehind,
  journalDamaged,
  journalUnavailable,
  notLeader,
  termEnded,
} from '../../../storage/journal/errors.ts';
import { decodeSegment, encodeBody, type StoredSegment } from '../../../storage/journal/segment.ts';
import {
  type Journal,
  LEASE_MS,
  type Lease,
  type LeaseTerm,
  type NodeRow,
  type NodeTable,
  type Quorum,
  type Segment,
} from '../../../storage/journal/types.ts';
import { EMPTY_CHAIN } from '../../../storage/log-codec.ts';
import type { ManualClock } from '../manual-clock.ts';

/**
 * What happens to an append: `unavailable` fails and is not taken, `lost` is taken and fails, `fenced` fails because
 * another node led meanwhile.
 */
export type AppendFault = 'unavailable' | 'lost' | 'fenced';

export interface MemoryJournal {
  /** Connects a node. */
  open(node?: { readonly name?: string; readonly url?: string; readonly clock?: ManualClock }): Journal;
  /** All segments as they are stored; a test may damage them. */
  readonly stored: StoredSegment[];
  /** The faults of the next appends, in order; `undefined` for one that succeeds. */
  fail(...faults: readonly (AppendFault | undefined)[]): void;
  /** Takes back the faults that have not come yet. */
  clearFaults(): void;
  /** Appends wait from now on, before they are judged. @returns lets them go on. */
  hold(): () => void;
  /** How many appends wait. */
  readonly held: number;
  /** Whether nothing reaches it: every call fails with JOURNAL_UNAVAILABLE. */
  isCut: boolean;
  /** Which of its tables are gone: calls that need one fail with JOURNAL_DAMAGED. */
  torn: readonly TableName[];
  quorum: Quorum;
}

/** What a journal on PostgreSQL has tables for. */
export type TableName = 'segment' | 'lease' | 'node';

export interface MemoryJournalOptions {
  /** The time of the journal's own machine. */
  readonly clock: ManualClock;
  /** Where it begins; before entry 1 if not given. */
  readonly base?: LogHead;
}

interface Server {
  readonly options: MemoryJournalOptions;
  readonly base: LogHead;
  readonly stored: StoredSegment[];
  readonly nodes: Map<string, { readonly row: NodeRow; readonly atMs: number }>;
  readonly listeners: Set<() => void>;
  readonly faults: (AppendFault | undefined)[];
  lease: { epoch: number; holder: string; url: string; untilMs: number; owner: object } | undefined;
  readonly waiting: (() => void)[];
  isHolding: boolean;
  isCut: boolean;
  torn: readonly TableName[];
  quorum: Quorum;
}

const headOf = ({ stored, base }: Server): LogHead => {
  const newest = stored.at(-1);
  return newest === undefined ? base : { sequence: newest.last, chain: newest.chain };
};

function requireReachable(server: Server, ...tables: readonly TableName[]): void {
  if (server.isCut) throw journalUnavailable('the connection is cut');
  const gone = tables.find((table) => server.torn.includes(table));
  if (gone !== undefined) throw journalDamaged(`its table ${gone} is gone`);
}

function store(server: Server, { rows, ...rest }: Segment): void {
  server.stored.push({ ...rest, body: encodeBody(rows) });
  for (const listener of [...server.listeners]) listener();
}

function requireLeader({ lease }: Server, epoch: number): void {
  if (lease?.epoch !== epoch) throw notLeader(epoch, `epoch ${epoch} has ended`, lease?.holder);
}

async function send(server: Server, segment: Segment): Promise<void> {
  if (server.isHolding) await new Promise<void>((resolve) => server.waiting.push(resolve));
  requireReachable(server, 'segment', 'lease');
  const fault = server.faults.shift();
  if (fault === 'unavailable') throw journalUnavailable('the server has gone');
  if (fault === 'fenced') {
    const epoch = (server.lease?.epoch ?? segment.epoch) + 1;
    const untilMs = server.options.clock.nowMs() + LEASE_MS;
    server.lease = { epoch, holder: 'another', url: 'http://another', untilMs, owner: {} };
  }
  requireLeader(server, segment.epoch);
  const head = headOf(server);
  if (!segment.previous.equals(head.chain)) throw notLeader(segment.epoch, `the journal goes on to ${head.sequence}`);
  store(server, segment);
  if (fault === 'lost') throw journalUnavailable('the connection was lost while it answered');
}

function leaseOf(server: Server, name: string, url: string, clock: ManualClock, appends: Appends): Lease {
  const now = () => server.options.clock.nowMs();
  const termOf = (epoch: number): LeaseTerm => ({ epoch, holder: name, url, untilMs: clock.monotonicMs() + LEASE_MS });
  const owner = {};
  return {
    async acquire() {
      requireReachable(server, 'lease');
      const { lease } = server;
      if (lease !== undefined && lease.untilMs > now() && lease.owner !== owner) return undefined;
      const epoch = (lease?.epoch ?? 0) + 1;
      server.lease = { epoch, holder: name, url, untilMs: now() + LEASE_MS, owner };
      return termOf(epoch);
    },
    async renew({ epoch }) {
      requireReachable(server, 'lease');
      const { lease } = server;
      if (lease?.epoch !== epoch || lease.owner !== owner) {
        appends.end(epoch, termEnded(epoch));
        throw notLeader(epoch, `epoch ${epoch} has ended`, lease?.epoch === epoch ? undefined : lease?.holder);
      }
      server.lease!.untilMs = now() + LEASE_MS;
      return termOf(epoch);
    },
    async release({ epoch }) {
      appends.end(epoch, termEnded(epoch));
      requireReachable(server, 'lease');
      if (server.lease?.epoch === epoch) server.lease = { ...server.lease, untilMs: 0, owner: {} };
    },
    async holder() {
      requireReachable(server, 'lease');
      if (server.lease === undefined) return undefined;
      const { epoch, holder, url: leaderUrl, untilMs } = server.lease;
      return { epoch, holder, url: leaderUrl, isExpired: untilMs <= now() };
    },
  };
}

function nodesOf({ nodes, options }: Server, reach: () => void): NodeTable {
  return {
    async put(row) {
      reach();
      nodes.set(row.name, { row, atMs: options.clock.nowMs() });
    },
    async list() {
      reach();
      const rows = [...nodes.values()].map(({ row, atMs }) => {
        return { ...row, secondsAgo: (options.clock.nowMs() - atMs) / 1_000 };
      });
      return rows.filter(({ secondsAgo }) => secondsAgo < 86_400).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
  };
}

async function* readSegments(server: Server, after: LogHead): AsyncIterable<Segment> {
  requireReachable(server, 'segment');
  const { base, stored } = server;
  const end = headOf(server).sequence;
  if (end < after.sequence) throw journalBehind(`the journal ends at entry ${end}`, after.sequence, end);
  if (base.sequence > after.sequence) {
    throw journalBehind(`the journal begins behind entry ${base.sequence}`, after.sequence, base.sequence);
  }
  let head = base;
  for (const segment of stored) {
    const decoded = decodeSegment(segment, head);
    if (head.sequence < after.sequence && decoded.last > after.sequence) {
      throw journalDamaged(`no segment of it ends at entry ${after.sequence}`);
    }
    if (head.sequence === after.sequence) requireChain(head, after);
    if (head.sequence >= after.sequence) yield decoded;
    requireReachable(server);
    head = { sequence: decoded.last, chain: decoded.chain };
  }
  requireChain(head, after);
}

function requireChain(head: LogHead, after: LogHead): void {
  if (head.sequence === after.sequence && !head.chain.equals(after.chain)) {
    throw journalDamaged(`entry ${after.sequence} is not the one of this node`);
  }
}

function connect(server: Server, name: string, url: string, clock: ManualClock): Journal {
  const appends = createAppends((segment) => send(server, segment));
  const mine = new Set<() => void>();
  return {
    id: 'memory',
    name: 'memory',
    base: server.base,
    secret: '5e'.repeat(32),
    lease: leaseOf(server, name, url, clock, appends),
    nodes: nodesOf(server, () => requireReachable(server, 'node')),
    append: (segment) => appends.append(segment),
    read: (after) => readSegments(server, after),
    async head() {
      requireReachable(server, 'segment');
      return headOf(server);
    },
    watch(onNews) {
      const listener = (): void => onNews();
      server.listeners.add(listener);
      mine.add(listener);
      return () => void server.listeners.delete(listener);
    },
    async quorum() {
      requireReachable(server);
      return server.quorum;
    },
    async close() {
      await appends.idle();
      for (const listener of mine) server.listeners.delete(listener);
    },
  };
}

/** An empty journal. */
export function createMemoryJournal(options: MemoryJournalOptions): MemoryJournal {
  const base = options.base ?? { sequence: 0, chain: EMPTY_CHAIN };
  const server: Server = {
    options,
    base,
    stored: [],
    nodes: new Map(),
    listeners: new Set(),
    faults: [],
    waiting: [],
    lease: undefined,
    isHolding: false,
    isCut: false,
    torn: [],
    quorum: { isMet: true },
  };
  let opened = 0;
  return {
    open({ name = `node${++opened}`, url = `http://${name}`, clock = options.clock } = {}) {
      return connect(server, name, url, clock);
    },
    stored: server.stored,
    fail: (...faults) => void server.faults.push(...faults),
    clearFaults: () => void server.faults.splice(0),
    hold() {
      server.isHolding = true;
      return () => {
        server.isHolding = false;
        for (const go of server.waiting.splice(0)) go();
      };
    },
    get held() {
      return server.waiting.length;
    },
    get isCut() {
      return server.isCut;
    },
    set isCut(isCut) {
      server.isCut = isCut;
    },
    get torn() {
      return server.torn;
    },
    set torn(torn) {
      server.torn = torn;
    },
    get quorum() {
      return server.quorum;
    },
    set quorum(quorum) {
      server.quorum = quorum;
    },
  };
}
