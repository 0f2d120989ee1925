/** Bugs planted by hand into what processes are given: each leaves one rule out, and the simulator has to find it. */

import type { PriorityRequest } from '@quittance/chain';
import { isRollupError } from '@quittance/protocol';
import type { Journal, LoggedEntry, Storage } from '../../../storage/index.ts';
import { isDiskFailure } from './disk.ts';
import type { Door } from './l1/door.ts';
import { BAD_PROOF } from './l1/proofs.ts';
import { NO_SEAMS, type Seams } from './stage.ts';

/** A bug, and the steps within which it has to be found. */
export interface Mutant {
  readonly name: string;
  readonly seams: Seams;
  readonly withinSteps: number;
  /** The first world that is played: one in which it shows early. */
  readonly world: number;
}

type SequencerChange = (options: Parameters<Seams['sequencer']>[0]) => Partial<Parameters<Seams['sequencer']>[0]>;

const inSequencer = (name: string, withinSteps: number, change: SequencerChange, world = 1): Mutant => ({
  ...{ name, withinSteps, world },
  seams: { ...NO_SEAMS, sequencer: (options) => ({ ...options, ...change(options) }) },
});

const inStorage = (
  name: string,
  withinSteps: number,
  change: (storage: Storage) => Partial<Storage>,
  world = 1,
): Mutant => inSequencer(name, withinSteps, ({ storage }) => ({ storage: { ...storage, ...change(storage) } }), world);

const inRequests = (
  name: string,
  withinSteps: number,
  change: (requests: readonly PriorityRequest[]) => PriorityRequest[],
): Mutant =>
  inSequencer(name, withinSteps, ({ chain }) => ({
    chain: { ...chain, priorityRequests: async (from, to) => change(await chain.priorityRequests(from, to)) },
  }));

/** Whatever the disk says, a commit was made. */
function commitAnyway<T>({ commit }: Storage, change: () => T): T {
  try {
    return commit(change);
  } catch (error) {
    if (isDiskFailure(error)) return undefined as T;
    throw error;
  }
}

/** A door through which one kind of transaction never goes. */
const without =
  (type: string) =>
  (door: Door): Door => ({
    ...door,
    assertions: {
      ...door.assertions,
      send(action, signal, nonce) {
        if (action.type === type) return new Promise(() => undefined);
        return door.assertions.send(action, signal, nonce);
      },
    },
  });

/** The last transfer that it has, which nobody sees. */
function* withoutLastTransfer(entries: readonly LoggedEntry[]): IterableIterator<LoggedEntry> {
  const last = entries.findLast(({ entry }) => entry.type === 'transfer')?.sequence;
  for (const logged of entries) if (logged.sequence !== last) yield logged;
}

/** A journal that takes appends whoever leads, as one whose lease is not looked at. */
function unfenced(journal: Journal): Journal {
  const { lease } = journal;
  return {
    ...journal,
    lease: { ...lease, renew: async (term) => ({ ...term, untilMs: term.untilMs + 3_600_000 }) },
    append: async (segment) => void journal.append(segment).catch(() => undefined),
  };
}

/** A journal whose appends succeed where it cannot be known whether they were taken. */
function hopeful(journal: Journal): Journal {
  return {
    ...journal,
    append: (segment) =>
      journal.append(segment).catch((error: unknown) => {
        if (!isRollupError(error, 'JOURNAL_UNAVAILABLE')) throw error;
      }),
  };
}

/** A journal of which a node does not see every segment. */
function withGaps(journal: Journal): Journal {
  return {
    ...journal,
    async *read(after) {
      for await (const segment of journal.read(after)) if (segment.first % 10 !== 7) yield segment;
    },
  };
}

/** Ten bugs and some more. */
export const MUTANTS: readonly Mutant[] = [
  inStorage('acknowledges what is not on disk', 3_000, (storage) => ({ commit: storage.stage }), 5),
  inStorage('goes on after a commit that failed', 2_000, (storage) => ({
    commit: (change) => commitAnyway(storage, change),
  })),
  inStorage('forgets the last transfer in a crash', 1_000, (storage) => ({
    log: { ...storage.log, range: (first, last) => withoutLastTransfer([...storage.log.range(first, last)]) },
  })),
  inStorage('seals again after a start what it had sealed', 1_000, (storage) => ({
    log: { ...storage.log, lastSeal: () => storage.log.seals().at(-2) },
    outcomes: { ...storage.outcomes, placedAbove: () => new Set() },
  })),
  inSequencer('accepts transfers that nobody signed', 2_000, ({ crypto }) => ({
    crypto: {
      ...crypto,
      bulk: { ...crypto.bulk!, verifySignatures: async (items) => new Uint8Array(items.length / 192).fill(1) },
    },
  })),
  inSequencer('calls batches final before they have their confirmations', 1_000, ({ config }) => ({
    config: { ...config, confirmations: 1 },
  })),
  inSequencer(
    'hands on proofs that are none',
    1_000,
    ({ prover }) => ({
      prover: { ...prover!, proveChunk: async () => ({ proof: BAD_PROOF }), verifyChunk: async () => true },
    }),
    5,
  ),
  inSequencer(
    'keeps proofs that L1 refused',
    2_000,
    ({ prover }) => ({ prover: { ...prover!, verifyChunk: async () => true } }),
    1,
  ),
  inRequests('loses a deposit', 1_000, (requests) => {
    return requests.filter(({ queueIndex }) => queueIndex % 20 !== 17);
  }),
  inRequests('credits twice what was deposited', 1_000, (requests) =>
    requests.map((request) => {
      const [keyY, owner, amount] = request.words as [bigint, bigint, bigint];
      return request.queueIndex === 20 ? { ...request, words: [keyY, owner, 2n * amount] } : request;
    }),
  ),
  {
    name: 'acknowledges what the journal did not take',
    withinSteps: 3_000,
    world: 3,
    seams: { ...NO_SEAMS, journal: unfenced },
  },
  {
    name: 'takes an append that had no answer for one that was taken',
    withinSteps: 1_000,
    world: 3,
    seams: { ...NO_SEAMS, journal: hopeful },
  },
  { name: 'skips a segment of the journal', withinSteps: 1_000, world: 7, seams: { ...NO_SEAMS, journal: withGaps } },
  { name: 'never disputes a lie', withinSteps: 3_000, world: 1, seams: { ...NO_SEAMS, door: without('openDispute') } },
  {
    name: 'never answers a dispute',
    withinSteps: 5_000,
    world: 21,
    seams: { ...NO_SEAMS, door: without('answerDispute') },
  },
];
