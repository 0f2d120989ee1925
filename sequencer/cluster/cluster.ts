/**
 * What a node knows of the others: who leads, which nodes there are, whether commits wait for a standby. It says of itself
 * every two seconds how far it is. None of it decides anything: safety rests on the epochs of the journal.
 */

import { asRollupError, isPassing, RollupError } from '@quittance/protocol';
import { type Clock, createLoop, type Logger } from '../../runtime/index.ts';
import type { Journal, LeaseHolder, NodeRow, Quorum } from '../../storage/index.ts';

/** How often a node says how far it is, and looks who leads. */
const LOOK_MS = 2_000;
/** How often it asks whether commits wait for a standby. */
const QUORUM_MS = 5_000;
/** Answers of a journal that does not answer stay so long: who leads may have changed since. */
const STALE_MS = 30_000;

/** What an operator is told who has no standby, of a server that says nothing of one below it. */
const ONE_DISK =
  'commits of the journal wait for no standby: what is accepted is on one disk only, unless the server copies it below PostgreSQL. ' +
  'Set synchronous_standby_names on the primary, and start nodes with --require-quorum to have /readyz say so';
/** What an operator is told whose standby is gone. */
const STALLED =
  'commits of the journal wait for a standby that is not there: nothing is acknowledged until it is. Bring it back or another ' +
  'one; or name one that is there in synchronous_standby_names on the primary';
const HOW_TO = 'docs/how-to/run-a-cluster.md';

/** A node, as it said itself some seconds ago. */
export type KnownNode = NodeRow & { readonly secondsAgo: number };

/** What is known of the cluster. */
export interface Cluster {
  /** Name of this node. */
  readonly name: string;
  /** Of this cluster: nodes know each other by it. */
  readonly secret: string;
  /** Whoever leads, or led last; undefined before the first term, or when nothing was heard for long. */
  leader(): LeaseHolder | undefined;
  /** All nodes that said something within a day. */
  nodes(): readonly KnownNode[];
  /** What is in the way of the whole cluster: a damaged journal, NOT_LEADER when nobody leads, or QUORUM_MISSING. */
  trouble(): RollupError | undefined;
  /** Whether commits wait for a standby, as the journal said last; undefined before, or when nothing was heard for long. */
  quorum(): Quorum | undefined;
  /** Asks again now. Never throws. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  readonly journal: Pick<Journal, 'secret' | 'lease' | 'nodes' | 'quorum'>;
  readonly name: string;
  /** What this node says of itself. */
  readonly self: () => Omit<NodeRow, 'name'>;
  /** Whether it is trouble when commits wait for no standby. */
  readonly requiresQuorum: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Looks at the journal, from now on. */
export function createCluster(options: ClusterOptions): Cluster {
  const { journal, name, self, requiresQuorum, clock, logger } = options;
  let leader: LeaseHolder | undefined;
  let nodes: readonly KnownNode[] = [];
  let quorum: Quorum | undefined;
  let heardMs = clock.nowMs();
  let quorumMs = Number.NEGATIVE_INFINITY;
  let isHeard = false;
  /** Why the journal cannot be asked, where no other try mends that. */
  let damage: RollupError | undefined;

  const askQuorum = async (): Promise<void> => {
    if (clock.nowMs() - quorumMs < QUORUM_MS) return;
    const before = quorum;
    quorum = await journal.quorum();
    quorumMs = clock.nowMs();
    // Whoever runs without one may mean it: said when it is found, and not again while it stays so.
    const { isMet, isStalled, reason } = quorum;
    const isNews = before?.isMet !== false || before.isStalled !== isStalled;
    const fields = { reason, requireQuorum: requiresQuorum, seeAlso: HOW_TO };
    if (!isMet && isNews) logger.warn(isStalled === true ? STALLED : ONE_DISK, fields);
    if (isMet && before?.isMet === false) logger.info('commits of the journal wait for a standby again');
  };
  const look = async (): Promise<void> => {
    await journal.nodes.put({ name, ...self() });
    leader = await journal.lease.holder();
    nodes = await journal.nodes.list();
    await askQuorum();
    heardMs = clock.nowMs();
    isHeard = true;
    damage = undefined;
  };
  const failed = (error: unknown): void => {
    const cause = asRollupError('looking at the journal', error);
    const { code, message: reason } = cause;
    if (!isPassing(cause)) {
      if (damage?.message !== reason) logger.error('the journal cannot say who leads', { code, reason });
      damage = cause;
    } else if (isHeard) logger.warn('the journal does not say who leads; trying again', { code, reason });
    isHeard = false;
  };
  /** One look at a time, whoever asks for it. */
  let looking: Promise<void> | undefined;
  const refresh = (): Promise<void> => {
    looking ??= look()
      .catch(failed)
      .finally(() => {
        looking = undefined;
      });
    return looking;
  };
  const loop = createLoop({ clock, intervalMs: LOOK_MS, run: refresh, onError: failed });
  loop.start();

  const isStale = (): boolean => clock.nowMs() - heardMs > STALE_MS;
  const known = (): LeaseHolder | undefined => (isStale() ? undefined : leader);
  return {
    name,
    secret: journal.secret,
    leader: known,
    nodes: () => nodes,
    trouble() {
      if (damage !== undefined) return damage;
      const present = known();
      if (present === undefined || present.isExpired) {
        const message = 'no node leads at present, as far as this one knows: nothing is accepted until one does';
        return new RollupError('NOT_LEADER', message, { epoch: present?.epoch ?? 0, holder: present?.holder });
      }
      if (!requiresQuorum || quorum?.isMet !== false) return undefined;
      const { reason = 'it names none', isStalled } = quorum;
      const message =
        isStalled === true
          ? `commits of the journal wait for a standby that is not there (${reason}): nothing is acknowledged until it is`
          : `commits of the journal wait for no standby (${reason}): what is accepted is on one disk only`;
      return new RollupError('QUORUM_MISSING', message, { reason });
    },
    quorum: () => (isStale() ? undefined : quorum),
    refresh,
    stop: () => loop.stop(),
  };
}
