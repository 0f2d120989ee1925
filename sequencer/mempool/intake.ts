/**
 * Takes transfers in. Those that arrive together are checked together and committed in one transaction, and only then
 * acknowledged.
 */

import { setImmediate as turn } from 'node:timers/promises';
import { asRollupError, isRollupError, RollupError } from '@quittance/protocol';
import type { SequencerConfig } from '../config.ts';
import { pendingContext, type SequencerContext } from '../context.ts';
import type { Answer, TransferStatus } from '../types.ts';
import type { Admission } from './admission.ts';
import { createGaps, type Gaps } from './gaps.ts';
import { type Judges, judgeGroup, type OpenTransfer, type Verdict } from './group.ts';
import { answer, type Checked, createJobs, type Job, refuseUnknown, unlessLost } from './job.ts';
import { createFindKnown, type FindKnown } from './known.ts';
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

/** The refusal of a transfer that lost its place: all are taken. */
const intakeFull = ({ maxIntake }: Pick<SequencerConfig, 'maxIntake'>): RollupError =>
  mempoolFull(maxIntake, maxIntake);

/** Makes a group durable. @param onCommitted called in the same turn. @returns as `LogWriter.append`. */
function append(
  { writer, measurements }: SequencerContext,
  accepted: readonly OpenTransfer[],
  onCommitted: () => void,
): Promise<void> | undefined {
  const startedMs = performance.now();
  return writer.append({
    entries: accepted.map(({ entry }) => entry),
    receivedMs: accepted[0]!.receivedMs,
    onCommitted() {
      measurements.commitSeconds.observe((performance.now() - startedMs) / 1_000);
      measurements.groupSize.observe(accepted.length);
      measurements.accepted.add(accepted.length);
      onCommitted();
    },
  });
}

/**
 * Makes what is accepted durable, and waits for what is on its way where nothing is.
 *
 * @param tell called once: in the turn in which all of it became durable, or with why it did not.
 */
function appendAll(
  context: SequencerContext,
  accepted: readonly OpenTransfer[],
  tell: (failure: RollupError | undefined) => void,
): void {
  const fail = (error: unknown): void => {
    const failure = asRollupError('a commit', error);
    context.halt(failure);
    tell(failure);
  };
  const told = (): void => tell(undefined);
  if (accepted.length > 0) {
    let isDone = false;
    try {
      const appending = append(context, accepted, () => {
        isDone = true;
        told();
      });
      appending?.catch(fail);
    } catch (error) {
      if (isDone) throw error;
      fail(error);
    }
    return;
  }
  const settling = context.writer.settled();
  if (settling === undefined) told();
  else settling.then(told, fail);
}

/** Whether all that is wrong with a transfer is that others have to come before it. */
function isGap(verdict: Verdict): boolean {
  return verdict.kind === 'refused' && isRollupError(verdict.error, 'NONCE_GAP');
}

/** @throws RollupError MEMPOOL_FULL when as many transfers wait for L1 as may. */
function requireUnposted(most: number, waiting: number): void {
  if (waiting >= most) throw mempoolFull(most, waiting);
}

const openOf = (verdicts: readonly Verdict[]): OpenTransfer[] =>
  verdicts.flatMap((verdict) => (verdict.kind === 'accepted' ? [verdict.open] : []));

const sendersOf = (accepted: readonly OpenTransfer[]): Set<number> =>
  new Set(accepted.map(({ entry }) => entry.operation.fields.from));

/** Tells of transfers that are durable now. */
function report(
  { events, statistics, clock }: SequencerContext,
  group: readonly Checked[],
  verdicts: readonly Verdict[],
  accepted: readonly OpenTransfer[],
): void {
  const nowMs = clock.nowMs();
  for (const [position, { kind }] of verdicts.entries()) {
    if (kind === 'accepted') statistics.accepted(nowMs - group[position]!.job.receivedMs);
  }
  events.emit('appended', { entries: accepted });
  for (const logged of accepted) {
    const { entry, sequence } = logged;
    events.emit('transfer', { id: entry.id, sequence, status: 'pending', logged });
  }
}

/** The checks of a group by what is pending now. */
function judgesOf({ context, ledger, admission, unpostedTransfers }: IntakeOptions, known: FindKnown): Judges {
  const pending = pendingContext(context);
  const judging = admission.judgingContext();
  return {
    known,
    requireRoom: () => requireUnposted(context.config.maxUnpostedTransfers, unpostedTransfers()),
    judge: (candidate) => admission.judge(candidate, judging),
    append: (open, effects) => ledger.append(open, pending, effects),
  };
}

/**
 * Where one that waited for others before it takes its turn: among those of its address. Those of one account stay in order,
 * whatever connections they came over.
 */
function laneOf({ source: { address } }: Job, account: number): Source {
  return { address, connection: `account ${account}` };
}

/** What admitting needs of the intake. */
interface Admitting {
  readonly known: FindKnown;
  readonly gaps: Gaps;
  /** Takes one in again that waited for others. */
  readonly resume: (job: Job, account: number) => void;
  /** Why nothing new can be taken at present. */
  readonly obstacle: () => RollupError | undefined;
}

/** Admits groups in order of arrival and appends them; no other work runs in between. */
function createAdmitting(options: IntakeOptions, { known, gaps, resume, obstacle }: Admitting) {
  const { context, ledger, onAccepted } = options;
  const { writer, clock } = context;
  return (group: readonly Checked[]): void => {
    const reason = obstacle();
    if (reason !== undefined) {
      refuseUnknown(group, known, reason);
      return;
    }
    const verdicts = judgeGroup(group, writer.next, clock.nowMs(), judgesOf(options, known));
    const accepted = openOf(verdicts);
    const waits = verdicts.map((verdict, position) => isGap(verdict) && gaps.add(group[position]!));
    for (const account of sendersOf(accepted)) {
      for (const job of gaps.take(account, ledger.pending.get(account)?.nonce ?? 0)) resume(job, account);
    }
    appendAll(context, accepted, (failure) => {
      for (const [position, checked] of group.entries()) {
        if (!waits[position]) answer(checked, unlessLost(verdicts[position]!, failure), known);
      }
      if (accepted.length === 0 || failure !== undefined) return;
      report(context, group, verdicts, accepted);
      onAccepted(accepted.length);
    });
  };
}

/** An intake in front of `ledger`. */
export function createIntake(options: IntakeOptions): Intake {
  const { context, ledger, admission, statusOf } = options;
  const { config, storage, writer, clock } = context;
  const nonceOf = (account: number): number | undefined => ledger.pending.get(account)?.nonce;
  const enqueue = (source: Source, job: Job): void => waiting.add(source, job)?.refuse(intakeFull(config));
  const resume = (job: Job, account: number): void => enqueue(laneOf(job, account), job);
  const onReady = (job: Job, account: number): void => {
    resume(job, account);
    start();
  };
  const gaps = createGaps({ limits: config.gaps, clock, nonceOf, onReady });
  const known = createFindKnown(storage, statusOf);
  const screening = {
    ...{ admission, bulk: bulkOf(context.crypto), known, reachOf: gaps.reachOf },
    settled: () => writer.settled(),
  };
  const waiting = createTurns<Job>(config.maxIntake);
  let running: Promise<void> | undefined;
  let isClosed = false;
  let halted: RollupError | undefined;

  const admitAndAppend = createAdmitting(options, {
    known,
    gaps,
    resume,
    obstacle: () => halted ?? findTakenBack(storage),
  });
  const nextGroup = (before?: Screened): Screened | undefined => {
    const jobs = waiting.take(MAX_GROUP);
    return jobs.length === 0 ? undefined : screen(jobs, screening, before?.foresight);
  };

  const drain = async (): Promise<void> => {
    await turn(); // everything that arrives in this turn of the event loop joins the first group
    await runPipeline(nextGroup, () => writer.ready(), admitAndAppend);
  };

  const start = (): void => {
    running ??= drain().finally(() => {
      running = undefined;
    });
  };

  const add = (job: Job): void => {
    if (halted !== undefined) job.refuse(halted);
    else if (isClosed) job.refuse(shuttingDown());
    else enqueue(job.source, job);
  };

  return {
    submit(submissions, source) {
      const { jobs, answers } = createJobs(submissions, source, context);
      for (const job of jobs) add(job);
      if (waiting.size > 0) start();
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
      gaps.close(reason);
      for (const job of waiting.take(waiting.size)) job.refuse(reason);
    },
    async stop() {
      isClosed = true;
      gaps.close(shuttingDown());
      await running;
      await writer.settled()?.catch(() => undefined);
    },
  };
}
