/** Compares what wallets were told with the journal, and the databases of all nodes with each other. */

import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { LOCAL_CHAIN_ID } from '../../cli/devnet/anvil.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { decodeEntry, type Journal, openJournal } from '../../storage/index.ts';
import type { LocalCluster } from './cluster.ts';
import type { Acknowledged } from './payers.ts';

/** What does not fit together; all 0 and true when all does. */
export interface Findings {
  readonly acknowledged: number;
  /** Acknowledged, and not in the journal where that was said. */
  readonly lost: number;
  /** In the journal, or executed, more than once. */
  readonly doubled: number;
  /** Nodes whose log is not that of the journal. */
  readonly forks: number;
  /** Whether all nodes have the same header of each batch that the journal seals. */
  readonly headersEqual: boolean;
}

/** Reads on in the journal, which it checks; keeps what it has read. */
export interface Verifier {
  /** Waits until all nodes have all of the journal, and compares. No wallet may pay meanwhile. */
  verify(acknowledged: readonly Acknowledged[]): Promise<Findings>;
  close(): Promise<void>;
}

const EVEN_WITHIN_MS = 60_000;

/** All entries of the journal so far. */
interface Read {
  readonly sequences: Map<string, number>;
  readonly chains: Map<number, string>;
  /** Header hashes by batch; those that were opened again are forgotten. */
  readonly headers: Map<number, string>;
  /** Which batch executed an entry. */
  readonly executed: Map<number, number>;
  repeated: number;
  executedTwice: number;
  head: { sequence: number; chain: Buffer };
}

async function readOn(journal: Journal, read: Read): Promise<void> {
  const { executed } = read;
  for await (const { rows, last, chain } of journal.read(read.head)) {
    for (const row of rows) {
      const entry = decodeEntry(row, 'the journal');
      if (entry.type === 'transfer') {
        const id = String(entry.id);
        if (read.sequences.has(id)) read.repeated += 1;
        read.sequences.set(id, row.sequence);
      }
      if (entry.type === 'seal' && entry.batch > 0) {
        read.headers.set(entry.batch, entry.headerHash);
        for (const { runs } of entry.plan?.chunks ?? []) {
          for (const [first, count] of runs) {
            for (let sequence = first; sequence < first + count; sequence++) {
              if (executed.has(sequence)) read.executedTwice += 1;
              executed.set(sequence, entry.batch);
            }
          }
        }
      }
      if (entry.type !== 'unseal') continue;
      for (const number of [...read.headers.keys()]) if (number >= entry.batch) read.headers.delete(number);
      for (const [sequence, number] of executed) if (number >= entry.batch) executed.delete(sequence);
    }
    read.head = { sequence: last, chain };
    read.chains.set(last, chain.toString('hex'));
  }
}

/** What the database of a node says. */
interface NodeSays {
  readonly head: number;
  readonly chain: string;
  readonly headers: ReadonlyMap<number, string>;
}

/** Read from a copy: the node has its database for itself. @throws what SQLite says of a copy that was torn. */
function readNode(file: string): NodeSays {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-verify-'));
  try {
    const copy = join(folder, 'copy.db');
    for (const suffix of ['', '-wal']) if (existsSync(file + suffix)) cpSync(file + suffix, copy + suffix);
    const database = new Sqlite(copy);
    const last = database
      .prepare<[], { sequence: number; chain: Buffer }>(
        'SELECT sequence, chain FROM log ORDER BY sequence DESC LIMIT 1',
      )
      .get();
    const rows = database
      .prepare<[], { number: number; header_hash: string }>('SELECT number, header_hash FROM batches')
      .all();
    database.close();
    const headers = new Map(rows.map(({ number, header_hash }) => [number, header_hash]));
    return { head: last?.sequence ?? 0, chain: last?.chain.toString('hex') ?? '', headers };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a node has the log and the batches of the journal. */
function compare(
  { head, chain, headers }: NodeSays,
  read: Read,
): { readonly isFork: boolean; readonly isEqual: boolean } {
  // What came since the journal was read is not compared.
  const isFork = head <= read.head.sequence && read.chains.get(head) !== chain;
  return { isFork, isEqual: [...read.headers].every(([number, hash]) => headers.get(number) === hash) };
}

const COPIES = 8;

/** A copy that was made while the node wrote may be torn: what does not fit is looked at again. */
async function compareNode(file: string, read: Read): Promise<ReturnType<typeof compare>> {
  for (let tries = 1; ; tries++) {
    try {
      const found = compare(readNode(file), read);
      if ((!found.isFork && found.isEqual) || tries === COPIES) return found;
    } catch (error) {
      if (tries === COPIES) throw error;
    }
    await pause(250);
  }
}

async function untilEven(cluster: LocalCluster, journal: Journal): Promise<void> {
  for (const end = performance.now() + EVEN_WITHIN_MS; performance.now() < end; await pause(100)) {
    const { sequence } = await journal.head();
    const stats = await cluster.stats();
    if (stats.every((node) => node !== undefined && node.head === sequence)) return;
  }
  throw new Error(
    `the nodes do not have all of the journal after ${EVEN_WITHIN_MS / 1_000} s: ${JSON.stringify(await cluster.stats())}`,
  );
}

/** Opens the journal as one who only reads. */
export async function createVerifier(cluster: LocalCluster): Promise<Verifier> {
  const journal = await openJournal({
    url: cluster.postgres.url,
    deployment: { chainId: LOCAL_CHAIN_ID, contract: cluster.deployed.contract },
    ...{ nodeName: 'verifier', nodeUrl: 'http://verifier', clock: systemClock, logger: silentLogger },
  });
  const read: Read = {
    ...{
      sequences: new Map(),
      chains: new Map(),
      headers: new Map(),
      executed: new Map(),
      repeated: 0,
      executedTwice: 0,
    },
    head: journal.base,
  };
  return {
    async verify(acknowledged) {
      await untilEven(cluster, journal);
      await readOn(journal, read);
      const lost = acknowledged.filter(({ id, sequence }) => read.sequences.get(id) !== sequence).length;
      const nodes = await Promise.all(cluster.nodes.map(({ database }) => compareNode(database, read)));
      const forks = nodes.filter(({ isFork }) => isFork).length;
      const headersEqual = nodes.every(({ isEqual }) => isEqual);
      return {
        acknowledged: acknowledged.length,
        lost,
        doubled: read.repeated + read.executedTwice,
        forks,
        headersEqual,
      };
    },
    close: () => journal.close(),
  };
}
