/** Waits until this node can lead, follows meanwhile, and takes the lead when nobody has it. */

import { asRollupError, isPassing, isRollupError } from '@quittance/protocol';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { Journal, LeaseHolder, Storage } from '../../storage/index.ts';
import type { Replica } from '../replica/index.ts';
import { holdTerm, type Term } from './term.ts';

/** How often a node that follows looks whether anybody leads: with the time of a lease, what a failover takes at most. */
const LOOK_MS = 1_000;

export interface CandidateOptions {
  readonly storage: Pick<Storage, 'log'>;
  readonly journal: Journal;
  readonly replica: Pick<Replica, 'caughtUp' | 'status'>;
  /** Whether L1 answers, without which nobody can lead. @throws RollupError L1_UNREACHABLE. */
  readonly askL1: () => Promise<unknown>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Told who leads, whenever the journal says so. */
  readonly onHolder: (holder: LeaseHolder | undefined) => void;
  /** Told when a term that was taken is lost. */
  readonly onEnded: (error: unknown) => void;
}

/** Whether the database ends where the journal does. Nobody else can append once the term has begun. */
async function isAtHead({ storage, journal }: CandidateOptions): Promise<boolean> {
  const [own, head] = [storage.log.head(), await journal.head()];
  return own.sequence === head.sequence && own.chain.equals(head.chain);
}

/**
 * Takes the lead if nobody has it. A node that is far behind catches up first: while it did that as the leader, nothing would
 * be accepted anywhere.
 *
 * @returns undefined when another leads, or took it first. @throws RollupError why this node cannot follow.
 */
async function tryOnce(options: CandidateOptions): Promise<Term | undefined> {
  const { journal, replica, askL1, clock, logger, signal, onHolder, onEnded } = options;
  const holder = await journal.lease.holder();
  onHolder(holder);
  if (holder !== undefined && !holder.isExpired) return undefined;
  await replica.caughtUp();
  await askL1();
  if (signal.aborted) return undefined;
  const taken = await journal.lease.acquire();
  if (taken === undefined) return undefined;
  const term = holdTerm({ journal, taken, clock, logger, onEnded });
  try {
    // What the last leader appended before its epoch ended.
    await replica.caughtUp();
    if (!signal.aborted && term.ended() === undefined && (await isAtHead(options))) {
      onHolder({ ...taken, isExpired: false });
      return term;
    }
  } catch (error) {
    await term.release();
    throw error;
  }
  await term.release();
  return undefined;
}

/**
 * Resolves with the term of this node once it leads, its database at the head of the journal; undefined when it is told to
 * stop, or its replica has halted, which then never leads.
 *
 * @throws RollupError JOURNAL_DAMAGED when the lease is torn though the log can be read: nobody ever leads then.
 */
export async function untilLeading(options: CandidateOptions): Promise<Term | undefined> {
  const { replica, clock, logger, signal } = options;
  while (!signal.aborted && replica.status().halted === undefined) {
    try {
      const term = await tryOnce(options);
      if (term !== undefined) return term;
    } catch (error) {
      const cause = asRollupError('taking the lead', error);
      if (isRollupError(cause, 'JOURNAL_DAMAGED')) throw cause;
      // What else does not pass has halted the replica.
      const { code, message: reason } = cause;
      if (isPassing(cause)) logger.warn('the lead cannot be taken; trying again', { code, reason });
    }
    await clock.sleep(LOOK_MS, signal).catch(() => undefined);
  }
  return undefined;
}
