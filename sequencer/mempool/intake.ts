/**
 * Takes transfers in: those that arrive together are checked together, committed in one transaction, and
 * acknowledged only after it.
 */

import { asRollupError, isRollupError, RecordKind, RollupError } from '@quittance/protocol';
import { pendingContext, type SequencerContext } from '../context.ts';
import type { Acknowledgement, TransferStatus } from '../types.ts';
import type { Admission, Candidate } from './admission.ts';
import type { Ledger, OpenEntry } from './ledger.ts';
import type { TransferRequest } from './request.ts';
import { verifySignatures } from './verify.ts';

/** Takes transfers in. */
export interface Intake {
  /** Resolves when the transfer is on disk. @throws RollupError with the reason why it is refused. */
  submit(request: TransferRequest): Promise<Acknowledgement>;
  /** Whether transfers wait for their acknowledgement. */
  readonly isBusy: boolean;
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

interface Job {
  readonly request: TransferRequest;
  readonly resolve: (acknowledgement: Acknowledgement) => void;
  readonly reject: (error: unknown) => void;
}

interface Checked extends Job {
  readonly candidate: Candidate;
}

/** A commit of this size takes a few milliseconds: larger groups would make everybody wait. */
const MAX_GROUP = 512;

function badSignature(): RollupError {
  return new RollupError(
    'BAD_SIGNATURE',
    'the signature does not verify for this record, nonce, expiry and receiver on this chain and contract',
    { expected: 'a signature by the key of the sender', actual: 'another' },
  );
}

/** An intake in front of `ledger`. */
export function createIntake(options: IntakeOptions): Intake {
  const { context, ledger, admission, unpostedTransfers, statusOf, onAccepted } = options;
  const { config, storage, clock, crypto, events, measurements, halt } = context;
  let queue: Job[] = [];
  let running: Promise<void> | undefined;
  let stopped = false;

  const fail = (job: Job, error: unknown): void => {
    measurements.refused.add(1, { reason: isRollupError(error) ? error.code : 'INTERNAL' });
    job.reject(error);
  };

  const acknowledgeKnown = (job: Job, id: bigint): boolean => {
    const known = storage.log.findTransfer(id);
    if (known?.entry.type !== 'transfer') return false;
    const { fields } = known.entry.operation;
    const to = fields.kind === RecordKind.transferToNew ? { to: fields.to } : {};
    job.resolve({ id, sequence: known.sequence, status: statusOf(known.sequence), ...to });
    return true;
  };

  /** Whatever can be refused, or was accepted before, without looking at the signature. */
  const prepare = (jobs: readonly Job[]): Checked[] =>
    jobs.flatMap((job) => {
      try {
        const candidate = admission.identify(job.request);
        if (acknowledgeKnown(job, candidate.id)) return [];
        admission.precheck(candidate);
        return [{ ...job, candidate }];
      } catch (error) {
        fail(job, error);
        return [];
      }
    });

  const requireRoom = (): void => {
    const waiting = unpostedTransfers();
    if (waiting < config.maxUnpostedTransfers) return;
    throw mempoolFull(config.maxUnpostedTransfers, waiting);
  };

  /** Admits in order of arrival and commits; no other work runs in between. */
  const admitAndCommit = (jobs: readonly Checked[]): void => {
    const accepted: { job: Checked; entry: OpenEntry }[] = [];
    const repeated: Checked[] = [];
    const seen = new Set<bigint>();
    const receivedMs = clock.nowMs();
    const pending = pendingContext(context);
    for (const job of jobs) {
      const { id, request } = job.candidate;
      if (seen.has(id)) {
        repeated.push(job);
        continue;
      }
      try {
        if (acknowledgeKnown(job, id)) continue;
        requireRoom();
        const operation = admission.finish(job.candidate);
        const sequence = storage.log.head().sequence + 1 + accepted.length;
        const entry: OpenEntry = {
          sequence,
          receivedMs,
          entry: { type: 'transfer', id, operation, nonce: request.nonce },
        };
        ledger.append(entry, pending);
        seen.add(id);
        accepted.push({ job, entry });
      } catch (error) {
        fail(job, error);
      }
    }
    if (accepted.length === 0) return;
    const startedMs = performance.now();
    try {
      storage.commit(() =>
        storage.log.append(
          accepted.map(({ entry }) => entry.entry),
          receivedMs,
        ),
      );
    } catch (error) {
      const cause = asRollupError('a commit', error);
      for (const { job } of accepted) fail(job, cause);
      for (const job of repeated) fail(job, cause);
      halt(cause);
      return;
    }
    measurements.commitSeconds.observe((performance.now() - startedMs) / 1_000);
    measurements.groupSize.observe(accepted.length);
    measurements.accepted.add(accepted.length);
    for (const { job, entry } of accepted) {
      const { id, operation } = entry.entry as Extract<OpenEntry['entry'], { type: 'transfer' }>;
      const to = operation.fields.kind === RecordKind.transferToNew ? { to: operation.fields.to } : {};
      job.resolve({ id, sequence: entry.sequence, status: 'pending', ...to });
      events.emit('transfer', { id, sequence: entry.sequence, status: 'pending' });
    }
    for (const job of repeated) acknowledgeKnown(job, job.candidate.id);
    onAccepted(accepted.length);
  };

  const drain = async (): Promise<void> => {
    // Everything that arrives in this turn of the event loop joins the first group.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const jobs = queue.slice(0, MAX_GROUP);
      queue = queue.slice(MAX_GROUP);
      const prepared = prepare(jobs);
      try {
        const verdicts = await verifySignatures(
          crypto,
          prepared.map(({ candidate }) => candidate.check),
        );
        for (const [position, job] of prepared.entries()) if (!verdicts[position]) fail(job, badSignature());
        admitAndCommit(prepared.filter((_, position) => verdicts[position]));
      } catch (error) {
        for (const job of prepared) fail(job, error);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  return {
    submit(request) {
      if (stopped)
        return Promise.reject(new RollupError('SHUTTING_DOWN', 'the sequencer is stopping; send it again later'));
      if (queue.length >= config.maxIntake) return Promise.reject(mempoolFull(config.maxIntake, queue.length));
      return new Promise((resolve, reject) => {
        queue.push({ request, resolve, reject });
        running ??= drain().finally(() => {
          running = undefined;
        });
      });
    },
    get isBusy() {
      return running !== undefined;
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}

/** The refusal of a transfer for want of room. */
function mempoolFull(expected: number, actual: number): RollupError {
  return new RollupError(
    'MEMPOOL_FULL',
    `${actual} transfers wait already, at most ${expected} may; send it again later`,
    {
      expected,
      actual,
    },
  );
}
