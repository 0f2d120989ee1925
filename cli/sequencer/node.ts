/** A sequencer that runs: alone, or as a node among others. */

import { createMetrics, type Logger, type Metrics, systemClock } from '../../runtime/index.ts';
import {
  type ApiCluster,
  createCluster,
  createForwarder,
  createNode,
  createNodeGauges,
  createSequencer,
  type Sequencer,
  type SequencerOptions,
  VERSION,
} from '../../sequencer/index.ts';
import { openJournalOf } from '../../storage/index.ts';
import type { Cleanup } from './cleanup.ts';
import { isLoopback, type Membership } from './node-settings.ts';

/** What answers, in whatever role. */
export interface Running {
  /** At present; another one after a change of the role. */
  present(): Sequencer;
  /** Where there are other nodes. */
  readonly cluster: ApiCluster | undefined;
  /** Told of each change of the role. */
  onChange(listener: (present: Sequencer) => void): void;
}

export interface RunningOptions {
  readonly options: Omit<SequencerOptions, 'metrics' | 'clock'> & { readonly logger: Logger };
  readonly deployment: { readonly chainId: bigint; readonly contract: string };
  /** Undefined on a single machine. */
  readonly membership: Membership | undefined;
  /** Of the process, whatever its role. */
  readonly metrics: Metrics;
  readonly cleanup: Cleanup;
}

/** Starts a sequencer on this machine alone. */
async function startAlone({ options, metrics, cleanup }: RunningOptions): Promise<Running> {
  const sequencer = await createSequencer({ ...options, metrics, clock: systemClock });
  cleanup.add('the sequencer', () => sequencer.stop());
  return { present: () => sequencer, cluster: undefined, onChange: () => undefined };
}

/** Starts a node. */
async function startNode(
  { options, deployment, metrics, cleanup }: RunningOptions,
  { url, name, advertised, isOtherWanted, requiresQuorum }: Membership,
): Promise<Running> {
  const { storage, logger } = options;
  const clock = systemClock;
  const journal = await openJournalOf(storage, {
    ...{ url, deployment, clock, logger, isOtherWanted },
    ...{ nodeName: name, nodeUrl: advertised },
  });
  cleanup.add('the journal', () => journal.close());
  const node = await createNode({
    ...{ ...options, clock, journal },
    metrics: () => createMetrics(),
  });
  cleanup.add('the node', () => node.stop());
  const self = () => {
    const { role, epoch, head } = node.present.node();
    return { role, epoch, head, url: advertised, version: VERSION };
  };
  const cluster = createCluster({ journal, name, self, requiresQuorum, clock, logger });
  cleanup.add('the look at the cluster', () => cluster.stop());
  await cluster.refresh();
  const { leader, refresh, secret } = cluster;
  const forwarder = createForwarder({ leader, refresh, secret, nodeName: name });
  cleanup.add('the connections to other nodes', () => forwarder.close());
  createNodeGauges(metrics, () => node.present.node(), cluster);
  if (isLoopback(advertised)) {
    logger.warn('nodes on other machines cannot reach this one: name --host and --advertise-url', { url: advertised });
  }
  logger.info('this node takes part in a cluster', { node: name, url: advertised, journal: journal.name });
  return {
    present: () => node.present,
    cluster: { cluster, forwarder },
    onChange: (listener) => void node.onChange(listener),
  };
}

/**
 * Starts what these settings mean.
 *
 * @throws RollupError as `createSequencer`, or of a node as `openJournalOf` and `createNode`.
 */
export function startRunning(options: RunningOptions): Promise<Running> {
  const { membership } = options;
  return membership === undefined ? startAlone(options) : startNode(options, membership);
}
