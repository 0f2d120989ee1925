/**
 * Takes transfers in. Those that arrive together are checked together and committed in one transaction, and only then
 * acknowledged.
 */

import { setImmediate as turn } from 'node:timers/promises';
import { asRollupError, type Effects, RollupError } from '@quittance/protocol';
import type { Storage } from '../../storage/index.ts';
import { pendingContext, type SequencerContext } from '../context.ts';
import type { Acknowledgement, Answer, TransferStatus } from '../types.ts';
import type { Admission } from './admission.ts';
import { type Judges, judgeGroup, type OpenTransfer } from './group.ts';
import {
  acknowledge,
  answer,
  type Checked,
  createJobs,
  type FindKnown,
  type Job,
  refuseUnknown,
  unlessLost,
} from './job.ts';
import type { Ledger } from './ledger.ts';
import { runPipeline } from './pipeline.ts';
import type { Submission } from './request.ts';
import { type Screened, screen } from './screening.ts';
import { findTakenBack } from './taken-back.ts';
import { createTurns, type Source } from './turns.ts';
import { bulkOf } from './verify.ts';

/** Takes transfers in. */
export interface Intake {
  /** What becomes of each, in order: resolves when all that are accepted are on disk. */
  submit(submissions: readonly Submission[], source: Source): Promise<Answer[]>;
  /** Whether transfers wait for their acknowledgement. */
  readonly isBusy: boolean;
  /** Transfers that wait to be checked. */
  readonly waitingCount: number;
  /** Refuses with this reason whatever is not committed yet and whatever comes later. */
  refuse(reason: RollupError): void;
  /** Waits for what was submitted; refuses what comes later. */
  stop(): Promise<void>;
}

export interface IntakeOptions {
  readonly context: SequencerContext;
  readonly ledger: Ledger;
  readonly admission: Admission;
  /** Transfers that are accepted but not yet on L1. */
  readonly unpostedTransfers: () => number;
  /** Status of a transfer that is in the log already. */
  readonly statusOf: (sequence: number) => TransferStatus;
  /** Told after each commit. */
  readonly onAccepted: (count: number) => void;
}

/** A commit of this size takes a few milliseconds; a larger one would keep everybody waiting. */
const MAX_GROUP = 512;

function shuttingDown(): RollupError {
  return new RollupError('SHUTTING_DOWN', 'the sequencer is stopping; send it again later');
}

/** The refusal of a transfer because too many wait. */
function mempoolFull(expected: number, actual: number): RollupError {
  const message = `${actual} transfers are waiting, and at most ${expected} may; send it again later`;
  return new RollupError('MEMPOOL_FULL', message, { expected, actual });
}

/** The acknowledgement of a transfer that is in the log. */
function findKnown({ log }: Storage, statusOf: IntakeOptions['statusOf'], id: bigint): Acknowledgement | undefined {
  const known = log.findTransfer(id);
  if (known?.entry.type !== 'transfer') return undefined;
  return acknowledge(statusOf(known.sequence), { sequence: known.sequence, entry: known.entry });
}

/** Makes a group durable in one transaction. */
function commit({ storage, measurements }: SequencerContext, accepted: readonly OpenTransfer[]): void {
  const startedMs = performance.now();
  storage.commit(() =>
    storage.log.append(
      accepted.map(({ entry }) => entry),
      accepted[0]!.receivedMs,
    ),
  );
  measurements.commitSeconds.observe((performance.now() - startedMs) / 1_000);
  measurements.groupSize.observe(accepted.length);
  measurements.accepted.add(accepted.length);
}

/** Makes what is accepted durable. @returns why it is not, if it is not. */
function commitAll(context: SequencerContext, accepted: readonly OpenTransfer[]): RollupError | undefined {
  if (accepted.length === 0) return undefined;
  try {
    commit(context, accepted);
    return undefined;
  } catch (error) {
    const failure = asRollupError('a commit', error);
    context.halt(failure);
    return failure;
  }
}

/** @throws RollupError MEMPOOL_FULL when as many transfers wait for L1 as may. */
function requireUnposted(most: number, waiting: number): void {
  if (waiting >= most) throw mempoolFull(most, waiting);
}

/** An intake in front of `ledger`. */
export function createIntake(options: IntakeOptions): Intake {
  const { context, ledger, admission, unpostedTransfers, statusOf, onAccepted } = options;
  const { config, storage, clock, crypto, events, measurements } = context;
  const known: FindKnown = (id) => findKnown(storage, statusOf, id);
  const screening = { admission, bulk: bulkOf(crypto), known };
  const waiting = createTurns<Job>(config.maxIntake);
  let running: Promise<void> | undefined;
  let isClosed = false;
  let halted: RollupError | undefined;

  /** Admits in order of arrival and commits; no other work runs in between. */
  const admitAndCommit = (group: readonly Checked[]): void => {
    const obstacle = halted ?? findTakenBack(storage);
    if (obstacle !== undefined) {
      refuseUnknown(group, known, obstacle);
      return;
    }
    const pending = pendingContext(context);
    const judging = admission.judgingContext();
    const append = (open: OpenTransfer, effects: Effects): void => ledger.append(open, pending, effects);
    const requireRoom = () => requireUnposted(config.maxUnpostedTransfers, unpostedTransfers());
    const judge: Judges['judge'] = (candidate) => admission.judge(candidate, judging);
    const firstSequence = storage.log.head().sequence + 1;
    const verdicts = judgeGroup(group, firstSequence, clock.nowMs(), { known, requireRoom, judge, append });
    const accepted = verdicts.flatMap((verdict) => (verdict.kind === 'accepted' ? [verdict.open] : []));
    const failure = commitAll(context, accepted);
    for (const [position, checked] of group.entries()) answer(checked, unlessLost(verdicts[position]!, failure), known);
    if (accepted.length === 0 || failure !== undefined) return;
    for (const { entry, sequence } of accepted) {
      events.emit('transfer', { id: entry.id, sequence, status: 'pending' });
    }
    onAccepted(accepted.length);
  };

  const nextGroup = (before?: Screened): Screened | undefined =>
    waiting.size === 0 ? undefined : screen(waiting.take(MAX_GROUP), screening, before?.foresight);

  const drain = async (): Promise<void> => {
    await turn(); // everything that arrives in this turn of the event loop joins the first group
    await runPipeline(nextGroup, admitAndCommit);
  };

  const add = (job: Job, source: Source): void => {
    if (halted !== undefined) job.refuse(halted);
    else if (isClosed) job.refuse(shuttingDown());
    else waiting.add(source, job)?.refuse(mempoolFull(config.maxIntake, config.maxIntake));
  };

  return {
    submit(submissions, source) {
      const { jobs, answers } = createJobs(submissions, measurements);
      for (const job of jobs) add(job, source);
      if (waiting.size > 0) {
        running ??= drain().finally(() => {
          running = undefined;
        });
      }
      return answers;
    },
    get isBusy() {
      return running !== undefined;
    },
    get waitingCount() {
      return waiting.size;
    },
    refuse(reason) {
      halted = reason;
      for (const job of waiting.take(waiting.size)) job.refuse(reason);
    },
    async stop() {
      isClosed = true;
      await running;
    },
  };
}
