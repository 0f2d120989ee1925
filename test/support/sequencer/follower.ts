/** A follower beside the sequencer of a harness, which stands for the leader: its log is mirrored into a journal in memory. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SequencerSettings } from '../../../sequencer/index.ts';
import { createReplica, type Replica } from '../../../sequencer/replica/index.ts';
import type { BatchRow, Storage } from '../../../storage/index.ts';
import { openStorage } from '../../../storage/index.ts';
import { createMemoryJournal, type MemoryJournal } from '../journal/memory.ts';
import { type MirrorOptions, mirrorLog } from '../journal/mirror.ts';
import { answersOf } from '../storage/answers.ts';
import { fastCrypto, type Harness } from './harness.ts';

export interface Follower {
  readonly journal: MemoryJournal;
  replica: Replica;
  storage: Storage;
  /** Brings the leader's log into the journal, and the follower to its end. */
  follow(options?: MirrorOptions): Promise<void>;
  /** The same without waiting for the follower. */
  mirror(options?: MirrorOptions): Promise<void>;
  /** The leader goes on to lead. */
  renew(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface FollowerOptions {
  readonly settings?: Partial<SequencerSettings>;
  readonly leaderUrl?: string;
  readonly journal?: MemoryJournal;
}

/** Starts a follower on an empty database. */
export async function startFollower(
  harness: Pick<Harness, 'chain' | 'assertions' | 'kzg' | 'clock' | 'sequencer' | 'storage'>,
  {
    settings = {},
    leaderUrl = 'http://leader',
    journal = createMemoryJournal({ clock: harness.clock }),
  }: FollowerOptions = {},
): Promise<Follower> {
  const directory = mkdtempSync(join(tmpdir(), 'quittance-follower-'));
  const file = join(directory, 'replica.db');
  const { chain, assertions, kzg, clock } = harness;
  const leading = journal.open({ name: 'leader', url: leaderUrl });
  const term = (await leading.lease.acquire())!;
  const start = (storage: Storage): Promise<Replica> =>
    createReplica({
      ...{ chain, assertions, kzg, clock, storage, crypto: fastCrypto() },
      config: { ...harness.sequencer.config, ...settings },
      journal: journal.open({ name: 'replica', url: 'http://replica' }),
    });
  const storage = openStorage({ file });
  const follower: Follower = {
    journal,
    storage,
    replica: await start(storage),
    mirror: (options) => mirrorLog(harness.storage, leading, term, options),
    async renew() {
      await leading.lease.renew(term);
    },
    async follow(options) {
      await follower.mirror(options);
      await follower.replica.caughtUp();
    },
    async restart() {
      await follower.replica.stop();
      follower.storage.close();
      follower.storage = openStorage({ file });
      follower.replica = await start(follower.storage);
    },
    async close() {
      await follower.replica.stop();
      follower.storage.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return follower;
}

/** What each node has of its own: when it saw a batch on L1, and what its own transaction cost. */
function shared(batch: BatchRow | undefined): unknown {
  if (batch === undefined) return undefined;
  const { gasUsed: _, postedMs: __, finalMs: ___, ...rest } = batch;
  return rest;
}

/** All that leader and follower must have alike. */
export function sharedAnswers(storage: Storage): unknown {
  const answers = answersOf(storage) as { batches: BatchRow[]; ends: (BatchRow | undefined)[]; meta: unknown };
  const { meta: _, ends, batches, ...rest } = answers;
  return { ...rest, batches: batches.map(shared), ends: [...ends.slice(0, 3).map(shared), ...ends.slice(3)] };
}
