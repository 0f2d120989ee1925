/** What actors know of the world that they play in. */

import type { AssertionSubmission } from '@quittance/chain';
import type { Acknowledgement, createSequencer, Sequencer, SequencerMode } from '../../../sequencer/index.ts';
import type { Journal } from '../../../storage/index.ts';
import type { WatcherOptions } from '../../../watcher/index.ts';
import type { ManualClock } from '../manual-clock.ts';
import type { Random } from '../property/random.ts';
import type { Faults } from './faults.ts';
import type { SimJournal } from './journal.ts';
import type { SimCall } from './l1/calls.ts';
import type { SimChain } from './l1/chain.ts';
import type { Door } from './l1/door.ts';
import type { ExecutionContext } from './ledger/execution.ts';
import type { Signatures } from './ledger/signatures.ts';

type SequencerOptions = Parameters<typeof createSequencer>[0];

/** Where mutants change what a process is given; each returns it as it is unless told otherwise. */
export interface Seams {
  sequencer(options: SequencerOptions): SequencerOptions;
  watcher(options: WatcherOptions): WatcherOptions;
  door(door: Door): Door;
  journal(journal: Journal): Journal;
}

export const NO_SEAMS: Seams = {
  sequencer: (options) => options,
  watcher: (options) => options,
  door: (door) => door,
  journal: (journal) => journal,
};

/** How a world is set up; its seed says. */
export interface WorldSettings {
  /** One alone, or three with a journal. */
  readonly nodes: 1 | 3;
  readonly mode: SequencerMode;
  readonly confirmations: number;
  readonly sealAfterMs: number;
  readonly shadow: number;
}

/** Where wallets send. */
export interface StageNode {
  readonly name: string;
  readonly sequencer: Sequencer | undefined;
  /** Counts the processes that it was. */
  readonly life: number;
  readonly isUp: boolean;
  readonly isPaused: boolean;
}

/** The world, for those who play in it. */
export interface Stage {
  readonly random: Random;
  readonly clock: ManualClock;
  readonly settings: WorldSettings;
  readonly seams: Seams;
  readonly faults: Faults;
  readonly domain: bigint;
  readonly signatures: Signatures;
  readonly context: ExecutionContext;
  readonly l1: SimChain;
  readonly nodes: readonly StageNode[];
  readonly journal: SimJournal | undefined;
  /** The node that leads, or the first that answers at all. */
  readonly node: StageNode;
  readonly note: (text: string) => void;
  readonly acknowledged: (id: bigint, acknowledgement: Acknowledgement) => void;
  readonly refused: (code: string) => void;
  onCrash(): void;
  /** What a process may end with. */
  judgeFailure(error: unknown, what: string): void;
  judgeWatcher(error: unknown, name: string): void;
  /** Sends a transaction of an account, whatever becomes of it. */
  callAs(
    account: string,
    call: SimCall | { readonly type: 'assertBatch'; readonly submission: AssertionSubmission },
  ): void;
  userCall(call: SimCall): void;
  /** Lets the world go on until a promise settles. */
  during(work: Promise<unknown>): Promise<void>;
}
