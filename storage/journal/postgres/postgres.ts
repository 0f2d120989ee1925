/** The journal on a PostgreSQL: checks that the server can hold one, makes or compares its tables, and connects. */

import { isRollupError, RollupError } from '@quittance/protocol';
import { createAppends } from '../appends.ts';
import { journalUnknown, journalUnsuitable, termEnded } from '../errors.ts';
import type { Journal, JournalOptions } from '../types.ts';
import { parseAddress } from './address.ts';
import { createSender } from './append.ts';
import { type ConnectionContext, createConnection, turnToNewer } from './connection.ts';
import { createLease, createNodeTable } from './lease.ts';
import { createNews } from './news.ts';
import { requireSessions } from './pooler.ts';
import { readQuorum } from './quorum.ts';
import { createReader } from './read.ts';
import { type ClusterRow, createSchema, readCluster } from './schema.ts';
import { asJournalError, sqlState } from './statements.ts';

/** How long `close` waits for appends in flight. */
const CLOSE_WITHIN_MS = 5_000;

/** SQLSTATEs of what only another setting mends: password, user, database. */
const SETTING_STATES = new Set(['28P01', '28000', '3D000']);
/** What the driver says of a missing password, and of a server without TLS. */
const SETTING_WORDS = /client password must be|does not support SSL/;

/** Whether only another setting mends it: credentials, a file that is not there, or a certificate that is not trusted. */
function isOfSettings(cause: unknown): boolean {
  const { code = '', message = '', syscall } = (cause ?? {}) as { code?: string; message?: string; syscall?: string };
  return SETTING_STATES.has(code) || syscall === 'open' || /CERT|^ERR_TLS/.test(code) || SETTING_WORDS.test(message);
}

/** An error of the first connection, which somebody who just wrote the settings reads. */
function openError(error: unknown, name: string): unknown {
  if (!isRollupError(error)) {
    if (sqlState(error) !== '42501') return asJournalError(error);
    const way =
      'GRANT CREATE ON DATABASE to the role that begins the journal; others need USAGE of its schema quittance';
    return journalUnsuitable('the permission of the role', (error as Error).message, 'one to write a journal', way);
  }
  if (isRollupError(error.cause, 'JOURNAL_UNSUITABLE')) return error.cause;
  if (isRollupError(error, 'JOURNAL_UNAVAILABLE') && isOfSettings(error.cause)) {
    const message = `the journal ${name} cannot be used with these settings: ${error.data.reason}`;
    return new RollupError('CONFIG_INVALID', message, {}, { cause: error.cause });
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
  if (known !== undefined && found?.journal !== known) throw journalUnknown(name, known, found?.journal);
  if (found !== undefined) return found;
  if (startAt === undefined) throw journalUnknown(name, undefined, undefined);
  await createSchema(control, deployment, startAt);
  const made = await readCluster(control, deployment, name);
  context.logger.info('began a journal', { journal: name, sequence: made!.base.sequence });
  return made!;
}

/** Opens it. @throws as `openJournal`. */
export async function openPostgresJournal(options: JournalOptions): Promise<Journal> {
  const { nodeName, nodeUrl, clock, logger } = options;
  const address = parseAddress(options.url);
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
  const reader = createReader(reading, cluster, news.confirmed);
  const dropOthers = (): void => {
    for (const connection of [control, reading]) connection.drop('its server does not confirm what it commits');
  };
  const isOvertaken = async (timeline: number): Promise<boolean> => {
    if (address.hosts.length === 1 || !(await turnToNewer(context, timeline))) return false;
    dropOthers();
    return true;
  };
  const send = createSender(appending, { control, clock, isOvertaken });
  const appends = createAppends(async (segment) => {
    await send(segment);
    news.tell(control, segment.last);
  });
  const endTerm = (epoch: number): void => {
    if (appends.inFlight > 0) appending.drop(`the term of epoch ${epoch} ended`);
    appends.end(epoch, termEnded(epoch));
  };
  // A primary that was cut off from its standby confirms nothing; another host may have taken its place.
  const turnAway = (): void => {
    if (address.hosts.length === 1) return;
    context.preferred += 1;
    dropOthers();
  };
  return {
    id: cluster.journal,
    name: address.name,
    base: cluster.base,
    secret: cluster.secret,
    lease: createLease(control, { name: nodeName, url: nodeUrl, clock }, { onEnd: endTerm, onStuck: turnAway }),
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
