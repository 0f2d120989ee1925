/** Appends segments to a journal on a PostgreSQL with a synchronous standby, in turns with and without followers. */

import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type Journal, type JournalRow, type Segment, segmentOf } from '../../../../storage/index.ts';
import { startPostgresPair } from '../../../postgres/pair.ts';
import { type Followers, startFollowers } from './followers.ts';
import { openBenchJournal } from './open.ts';
import { appendTimes, type JournalResult } from './result.ts';

export interface JournalBenchOptions {
  readonly segments: number;
  readonly transfers: number;
  readonly followers: number;
  /** Transfers a second that are appended: what others do at the same time shows only while there is room for it. */
  readonly rate: number;
}

/** A signed transfer in the log without a reference: nonce, record, three words, expiry, four field elements. */
const PAYLOAD_BYTES = 21 + 3 * 32 + 5 + 4 * 32;
/** Turns of each kind: what the machine does besides falls on both. */
const TURNS = 6;

/** As signatures and ids are, nothing of it can be made shorter. Rows are parts of it: they are not what is measured. */
const NOISE = randomBytes(1 << 20);

function rowAt(sequence: number): JournalRow {
  const at = (sequence * 1_009) % (NOISE.length - PAYLOAD_BYTES - 32);
  const [id, payload] = [NOISE.subarray(at, at + 32), NOISE.subarray(at + 32, at + 32 + PAYLOAD_BYTES)];
  return { sequence, type: 1, id, payload, received_ms: sequence };
}

interface Turn {
  readonly times: number[];
  cpuMicroseconds: number;
}

async function appendTurn(
  journal: Journal,
  segments: readonly Segment[],
  { rate, transfers }: Pick<JournalBenchOptions, 'rate' | 'transfers'>,
  turn: Turn,
): Promise<void> {
  const before = process.cpuUsage();
  const beginMs = performance.now();
  for (const [index, segment] of segments.entries()) {
    const dueMs = beginMs + (1_000 * index * transfers) / rate;
    if (dueMs > performance.now()) await pause(dueMs - performance.now());
    const startMs = performance.now();
    await journal.append(segment);
    turn.times.push(performance.now() - startMs);
  }
  const { user, system } = process.cpuUsage(before);
  turn.cpuMicroseconds += user + system;
}

/** Runs it. The data are on the disk of the folder for temporary files, so that commits wait for it. */
export async function runJournalBench(options: JournalBenchOptions): Promise<JournalResult> {
  const pair = await startPostgresPair('', tmpdir());
  const followers: Followers = startFollowers(options.followers, pair.url);
  try {
    const journal = await openBenchJournal(pair.url, 'leader');
    const term = await journal.lease.acquire();
    let head = await journal.head();
    const nextSegments = (count: number): Segment[] =>
      Array.from({ length: count }, () => {
        const rows = Array.from({ length: options.transfers }, (_, index) => rowAt(head.sequence + 1 + index));
        const segment = segmentOf(head, rows, term!.epoch);
        head = { sequence: segment.last, chain: segment.chain };
        return segment;
      });
    // Prepares the statement, and compiles what runs in a hurry later.
    await appendTurn(journal, nextSegments(20), options, { times: [], cpuMicroseconds: 0 });
    const alone: Turn = { times: [], cpuMicroseconds: 0 };
    const followed: Turn = { times: [], cpuMicroseconds: 0 };
    const perTurn = Math.ceil(options.segments / TURNS);
    for (let index = 0; index < TURNS; index++) {
      await appendTurn(journal, nextSegments(perTurn), options, alone);
      await followers.follow(head.sequence);
      await appendTurn(journal, nextSegments(perTurn), options, followed);
      await followers.rest(head.sequence);
    }
    await journal.close();
    const [size] = await pair.primary.query<{ bytes: string }>(
      "SELECT pg_total_relation_size('quittance.segment') AS bytes",
    );
    const transfers = TURNS * perTurn * options.transfers;
    const [one, other] = [alone, followed].map((turn) => appendTimes(turn.times, transfers, turn.cpuMicroseconds));
    return {
      transfersPerSegment: options.transfers,
      rate: options.rate,
      segments: TURNS * perTurn,
      followers: options.followers,
      bytesPerTransfer: Number(size!.bytes) / head.sequence,
      alone: one!,
      followed: other!,
      slowdown: other!.p50Ms / one!.p50Ms,
    };
  } finally {
    followers.stop();
    await pair.stop();
  }
}
