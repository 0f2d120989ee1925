/** Opens the journal of a PostgreSQL: checks that the server can hold one, makes or compares its tables, and connects. */

import { isRollupError, RollupError } from '@quittance/protocol';
import type { Clock, Logger } from '../../../runtime/index.ts';
import type { LogHead } from '../../head-file.ts';
import { EMPTY_CHAIN } from '../../log-codec.ts';
import { createAppends } from '../appends.ts';
import { journalForeign, journalUnsuitable, termEnded } from '../errors.ts';
import type { Journal } from '../types.ts';
import { parseAddress } from './address.ts';
import { createSender } from './append.ts';
import { type ConnectionContext, createConnection } from './connection.ts';
import { createLease, createNodeTable } from './lease.ts';
import { createNews } from './news.ts';
import { requireSessions } from './pooler.ts';
import { readQuorum } from './quorum.ts';
import { createReader } from './read.ts';
import { type ClusterRow, createSchema, type Deployment, readCluster } from './schema.ts';
import { sqlState } from './statements.ts';

export interface JournalOptions {
  /** `postgres://user:password@host[,host…]/database`; the password is in no error and no log. */
  readonly url: string;
  readonly deployment: Deployment;
  readonly nodeName: string;
  /** Where other nodes reach this one. */
  readonly nodeUrl: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where a journal that does not exist yet begins: the head of this node's log. Before entry 1 if not given. */
  readonly startAt?: LogHead;
  /** `id` of the journal that this node belongs to: another one is refused, and none is begun. */
  readonly known?: string;
}

/** How long `close` waits for appends in flight. */
const CLOSE_WITHIN_MS = 5_000;

/** SQLSTATEs of what only another setting mends: password, user, database. */
const SETTING_STATES = new Set(['28P01', '28000', '3D000']);

/** An error of the first connection, which somebody who just wrote the settings reads. */
function openError(error: unknown, name: string): unknown {
  if (!isRollupError(error)) {
    if (sqlState(error) !== '42501') return error;
    const way = 'GRANT CREATE ON DATABASE … TO the role of the URL, or have its owner begin the journal';
    return journalUnsuitable('the permission of the role', (error as Error).message, 'one to create a schema', way);
  }
  if (isRollupError(error.cause, 'JOURNAL_UNSUITABLE')) return error.cause;
  const said = (error.cause as Error | undefined)?.message ?? '';
  if (SETTING_STATES.has(sqlState(error.cause) ?? '') || said.includes('client password must be')) {
    return new RollupError('CONFIG_INVALID', `the journal ${name} refuses this node: ${error.data['reason']}`, {});
  }
  return error;
}

async function openCluster(
  context: ConnectionContext,
  control: ReturnType<typeof createConnection>,
  { deployment, startAt, known }: JournalOptions,
): Promise<ClusterRow> {
  const { name } = context.address;
  const found = await readCluster(control, deployment, name);
  if (known !== undefined && found?.journal !== known) {
    throw journalForeign('identity', known, found?.journal ?? 'missing: there is no journal in this database');
  }
  if (found !== undefined) return found;
  await createSchema(control, deployment, startAt ?? { sequence: 0, chain: EMPTY_CHAIN });
  const made = await readCluster(control, deployment, name);
  context.logger.info('began a journal', { journal: name, sequence: made!.base.sequence });
  return made!;
}

/**
 * Opens the journal.
 *
 * @throws RollupError CONFIG_INVALID when URL, user, password or database are wrong; JOURNAL_UNAVAILABLE when no server
 * answers; JOURNAL_UNSUITABLE when one could lose what it confirms, takes no writes, or is behind a pooler in transaction
 * mode; JOURNAL_FOREIGN, JOURNAL_DAMAGED or DATABASE_NEWER when what is there is not ours.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { nodeName, nodeUrl, clock, logger } = options;
  const address = parseAddress(options.url);
  // Loaded here: who runs one machine does without.
  const { default: pg } = await import('pg');
  const context: ConnectionContext = { Client: pg.Client, address, nodeName, clock, logger, preferred: 0 };
  const news = createNews(clock, logger);
  const control = createConnection(context, 'control');
  const reading = createConnection(context, 'read', news.listen);
  const appending = createConnection(context, 'append');
  const closeAll = () => Promise.all([control, reading, appending].map((connection) => connection.close()));
  let cluster: ClusterRow;
  try {
    await requireSessions(control, reading);
    cluster = await openCluster(context, control, options);
  } catch (error) {
    await closeAll();
    throw openError(error, address.name);
  }
  const reader = createReader(reading, cluster);
  const send = createSender(appending, control, clock);
  const appends = createAppends(async (segment) => {
    await send(segment);
    news.tell(control);
  });
  const endTerm = (epoch: number): void => {
    if (appends.inFlight > 0) appending.drop(`the term of epoch ${epoch} ended`);
    appends.end(epoch, termEnded(epoch));
  };
  return {
    id: cluster.journal,
    name: address.name,
    base: cluster.base,
    secret: cluster.secret,
    lease: createLease(control, { name: nodeName, url: nodeUrl, clock }, endTerm),
    nodes: createNodeTable(control),
    head: reader.head,
    append: appends.append,
    read: reader.read,
    watch: (onNews) => news.watch(reader, onNews),
    quorum: () => readQuorum(control),
    async close() {
      news.stop();
      const timer = clock.schedule(CLOSE_WITHIN_MS, () => appending.drop('the node is stopping'));
      await appends.idle();
      timer.cancel();
      await closeAll();
    },
  };
}
