/**
 * One term of this node as leader. Safety rests on the journal, which takes no append of an epoch that has ended; the clock
 * only keeps a leader that nobody reaches any more from acknowledging, and from answering as if it still led.
 */

import { asRollupError, isRollupError, RollupError } from '@quittance/protocol';
import type { Clock, Logger, Timer } from '../../runtime/index.ts';
import { type Journal, LEASE_MARGIN_MS, LEASE_RENEW_MS, type LeaseTerm, notLeader } from '../../storage/index.ts';

/** A term. */
export interface Term {
  readonly epoch: number;
  /** Why nothing may be acknowledged or appended any more; undefined while it may. */
  ended(): RollupError | undefined;
  /** Ends it here, and gives the lease up, so that another node need not wait for it to run out. Never rejects. */
  release(): Promise<void>;
  /** Ends it here; the lease runs out by itself. */
  end(error: RollupError): void;
}

export interface TermOptions {
  readonly journal: Pick<Journal, 'lease'>;
  readonly taken: LeaseTerm;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told once why it ended, but not of `release` and `end`. */
  readonly onEnded: (error: RollupError) => void;
}

/** What the log says of a journal that does not answer: its causes are many, and say no more. */
function reasonOf(error: unknown): { readonly code: string; readonly reason: string } {
  const { code, message: reason } = asRollupError('holding the lease', error);
  return { code, reason };
}

/** Holds a lease that was taken: renews it until it is lost, has run out, or is given up. */
export function holdTerm({ journal, taken, clock, logger, onEnded }: TermOptions): Term {
  let term = taken;
  let over: RollupError | undefined;
  let timer: Timer | undefined;
  const { epoch } = taken;

  const ended = (): RollupError | undefined => {
    if (over !== undefined) return over;
    if (clock.monotonicMs() < term.untilMs - LEASE_MARGIN_MS) return undefined;
    return notLeader(epoch, 'its lease ran out, and the journal did not renew it in time');
  };
  const end = (error: RollupError): void => {
    over ??= error;
    timer?.cancel();
  };
  const lose = (error: RollupError): void => {
    if (over !== undefined) return;
    end(error);
    onEnded(error);
  };

  const renew = async (): Promise<void> => {
    try {
      const renewed = await journal.lease.renew(term);
      if (over === undefined) term = renewed;
    } catch (error) {
      // A lease that is torn is renewed by no later try: what is on its way may be in the journal, or may not.
      if (isRollupError(error, 'NOT_LEADER') || isRollupError(error, 'JOURNAL_DAMAGED')) lose(error);
      else logger.warn('the lease could not be renewed', { epoch, ...reasonOf(error) });
    }
  };
  let renewing: Promise<void> | undefined;
  const look = (): void => {
    const reason = ended();
    if (reason !== undefined) {
      lose(reason);
      return;
    }
    renewing ??= renew().finally(() => {
      renewing = undefined;
    });
    timer = clock.schedule(LEASE_RENEW_MS, look);
  };
  timer = clock.schedule(LEASE_RENEW_MS, look);

  return {
    epoch,
    ended,
    end,
    async release() {
      end(new RollupError('SHUTTING_DOWN', 'this node gives up the lead'));
      await renewing;
      await journal.lease.release(term).catch((error: unknown) => {
        logger.warn('the lease could not be given up; it runs out', { epoch, ...reasonOf(error) });
      });
    },
  };
}
