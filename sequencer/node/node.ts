/**
 * A node of several: it follows the journal, leads when nobody else does, and follows again when it has lost the lead. What it
 * built as a leader on entries that the journal did not take is thrown away; it begins anew from its database.
 */

import { asRollupError, isPassing, RollupError } from '@quittance/protocol';
import { createMetrics, type Metrics, silentLogger, type Timer } from '../../runtime/index.ts';
import { type Journal, LEASE_RENEW_MS, type LeaseHolder, termEnded } from '../../storage/index.ts';
import { isReadable } from '../halt.ts';
import { createReplica, type Replica } from '../replica/index.ts';
import { createSequencer, type Sequencer, type SequencerOptions } from '../sequencer.ts';
import { untilLeading } from './candidate.ts';
import { createJournalLogWriter } from './journal-writer.ts';
import { checkPlace } from './place.ts';
import { steppedDown } from './stepped-down.ts';
import type { Term } from './term.ts';

/** A node that stops waits so long for what is on its way: a journal without its standby may never confirm it. */
export const STOP_MS = 5_000;

/** What a node is made of. */
export interface NodeOptions extends Omit<SequencerOptions, 'writer' | 'metrics' | 'epoch'> {
  readonly journal: Journal;
  /** Metrics for a new role: counters begin at 0 then. */
  readonly metrics?: () => Metrics;
}

/** A node. */
export interface Node {
  /** What answers at present, in the role that the node has. It is another object after each change. */
  readonly present: Sequencer;
  /** Who leads, as the journal said last; undefined while that is not known, or nobody does. */
  readonly leader: LeaseHolder | undefined;
  /** Tells of each change of the role, once the new one answers. @returns how to stop listening. */
  onChange(listener: (present: Sequencer) => void): () => void;
  /** Ends work in progress cleanly and gives up the lead, so that another node takes it at once. Idempotent. */
  stop(): Promise<void>;
}

/** What the roles of one node share. */
interface Life {
  readonly options: NodeOptions;
  readonly signal: AbortSignal;
  readonly show: (present: Sequencer) => void;
  readonly onHolder: (holder: LeaseHolder | undefined) => void;
}

const metricsOf = ({ metrics }: NodeOptions): { readonly metrics: Metrics } => ({
  metrics: metrics?.() ?? createMetrics(),
});

/** The last surface of a node that cannot go on: it answers what it can, and says why. */
function ended(present: Sequencer, error: RollupError): Sequencer {
  return { ...present, status: () => ({ ...present.status(), halted: error }) };
}

function startReplica(options: NodeOptions): Promise<Replica> {
  return createReplica({ ...options, ...metricsOf(options) });
}

/**
 * Watches for a halt that no operator ends: its leader leaves the lead to others. After one that an operator has to end it
 * keeps the lead, and the cluster only answers reads: another leader would run into the same, or not know of it.
 */
function watchHalt({ clock }: NodeOptions, leader: Sequencer, onHalt: (error: RollupError) => void): () => void {
  const look = (): void => {
    const { halted } = leader.status();
    if (halted !== undefined && !isReadable(halted)) onHalt(halted);
    else timer = clock.schedule(LEASE_RENEW_MS, look);
  };
  let timer = clock.schedule(LEASE_RENEW_MS, look);
  return () => timer.cancel();
}

/**
 * Leads until the term is lost or the node is to stop. Whatever it began is stopped then, and the lease given up.
 *
 * @throws RollupError why it cannot lead, or halted for good.
 */
async function lead({ options, signal, show, onHolder }: Life, term: Term, lost: Promise<RollupError>): Promise<void> {
  const { storage, journal, clock, logger = silentLogger } = options;
  const { epoch } = term;
  const over = Promise.withResolvers<RollupError | undefined>();
  const writer = createJournalLogWriter({ storage, journal, term, onLost: over.resolve });
  // Also while it starts: nothing that a start appends is confirmed any more.
  void lost.then((error) => writer.lose(error));
  let giveUp: Timer | undefined;
  const onStop = (): void => {
    over.resolve(undefined);
    giveUp = clock.schedule(STOP_MS, () => writer.lose(termEnded(epoch)));
  };
  signal.addEventListener('abort', onStop, { once: true });
  let leader: Sequencer | undefined;
  let reason: RollupError | undefined;
  try {
    // Nobody is told again of what was told before.
    if (signal.aborted) return;
    leader = await createSequencer({ ...options, ...metricsOf(options), writer, epoch });
    const unwatch = watchHalt(options, leader, over.resolve);
    show(leader);
    logger.info('this node leads', { epoch, entry: storage.log.head().sequence });
    reason = await over.promise;
    unwatch();
    if (reason !== undefined) {
      logger.warn('this node does not lead any more', { epoch, code: reason.code, reason: reason.message });
      // Before anything else: nobody may be told anything by what it had in memory.
      writer.lose(reason);
      show(steppedDown(leader, epoch));
    }
  } finally {
    signal.removeEventListener('abort', onStop);
    try {
      await leader?.stop(reason);
    } finally {
      giveUp?.cancel();
      await term.release();
      onHolder(undefined);
    }
  }
  const { halted } = leader.status();
  if (halted !== undefined && !isReadable(halted)) throw halted;
}

/** Follows, and leads when nobody does; once around. @throws RollupError why this node cannot go on. */
async function follow(life: Life, replica: Replica): Promise<void> {
  const { options, signal, onHolder } = life;
  const { storage, journal, clock, logger = silentLogger } = options;
  const lost = Promise.withResolvers<RollupError>();
  const onEnded = (error: unknown): void => lost.resolve(asRollupError('leading', error));
  const askL1 = () => options.chain.head();
  let term: Term | undefined;
  try {
    term = await untilLeading({ storage, journal, replica, askL1, clock, logger, signal, onHolder, onEnded });
    await replica.stop();
  } catch (error) {
    await term?.release();
    await replica.stop();
    throw error;
  }
  if (term !== undefined) {
    await lead(life, term, lost.promise);
    return;
  }
  const { halted } = replica.status();
  if (halted !== undefined) throw halted;
}

/**
 * Starts a node as a follower. It leads as soon as it has all of the journal and nobody else leads.
 *
 * @throws RollupError JOURNAL_BEHIND, JOURNAL_DAMAGED or JOURNAL_UNAVAILABLE, or as `createReplica`.
 */
export async function createNode(options: NodeOptions): Promise<Node> {
  const { storage, journal, clock, logger = silentLogger } = options;
  await checkPlace(storage, journal);
  const stopping = new AbortController();
  const { signal } = stopping;
  const listeners = new Set<(present: Sequencer) => void>();
  const first = await startReplica(options);
  let present: Sequencer = first;
  let leader: LeaseHolder | undefined;
  const show = (next: Sequencer): void => {
    present = next;
    for (const listener of [...listeners]) listener(next);
  };
  const life: Life = {
    ...{ options, signal, show },
    onHolder(holder) {
      leader = holder?.isExpired === true ? undefined : holder;
    },
  };

  const live = async (): Promise<void> => {
    let replica: Replica | undefined = first;
    while (!signal.aborted) {
      try {
        replica ??= await startReplica(options);
        if (replica !== present) show(replica);
        await follow(life, replica);
      } catch (error) {
        const cause = asRollupError('changing roles', error);
        if (!isPassing(cause)) throw cause;
        logger.warn('this node begins anew', { code: cause.code, reason: cause.message });
        await clock.sleep(LEASE_RENEW_MS, signal).catch(() => undefined);
      }
      replica = undefined;
    }
  };
  const living = live().catch((error: unknown) => {
    const reason = asRollupError('changing roles', error);
    logger.error('this node neither leads nor follows any more; its state is kept', { error: reason });
    show(ended(present, reason));
  });
  return {
    get present() {
      return present;
    },
    get leader() {
      return leader;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      stopping.abort(new RollupError('SHUTTING_DOWN', 'this node is stopping'));
      await living;
      await present.stop();
    },
  };
}
