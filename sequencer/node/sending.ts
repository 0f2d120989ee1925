/** Segments on their way into the journal: in order, a bounded number at a time, the others behind them. */

import { type Journal, MAX_APPENDS_IN_FLIGHT, type Segment } from '../../storage/index.ts';
import type { Term } from './term.ts';

/** Sends segments. */
export interface Sending {
  /** @param onTaken called once the journal has it, for none that fails and for none behind one that fails. */
  send(segment: Segment, onTaken: () => void): void;
  /** As `LogWriter.ready`. */
  ready(): Promise<void> | undefined;
  /** Sends no more, and tells of nothing more. */
  stop(): void;
}

export interface SendingOptions {
  readonly journal: Pick<Journal, 'append'>;
  readonly term: Pick<Term, 'ended'>;
  /** Told of the first failure. */
  readonly onFailed: (error: unknown) => void;
}

/** Nothing is on its way. */
export function createSending({ journal, term, onFailed }: SendingOptions): Sending {
  const unsent: { readonly segment: Segment; readonly onTaken: () => void }[] = [];
  let inFlight = 0;
  let isStopped = false;
  let room: PromiseWithResolvers<void> | undefined;

  const stop = (): void => {
    isStopped = true;
    unsent.length = 0;
    room?.resolve();
  };
  const hasRoom = (): boolean => isStopped || inFlight + unsent.length < MAX_APPENDS_IN_FLIGHT;

  const sendOne = async ({ segment, onTaken }: (typeof unsent)[number]): Promise<void> => {
    try {
      // A leader that was stopped for a while must not append before it knows that.
      const over = term.ended();
      if (over !== undefined) throw over;
      await journal.append(segment);
    } catch (error) {
      if (isStopped) return;
      stop();
      onFailed(error);
      return;
    } finally {
      inFlight -= 1;
    }
    if (isStopped) return;
    pump();
    onTaken();
    if (!hasRoom()) return;
    room?.resolve();
    room = undefined;
  };

  const pump = (): void => {
    while (unsent.length > 0 && inFlight < MAX_APPENDS_IN_FLIGHT) {
      inFlight += 1;
      void sendOne(unsent.shift()!);
    }
  };

  return {
    send(segment, onTaken) {
      if (isStopped) return;
      unsent.push({ segment, onTaken });
      pump();
    },
    ready() {
      if (hasRoom()) return undefined;
      room ??= Promise.withResolvers();
      return room.promise;
    },
    stop,
  };
}
