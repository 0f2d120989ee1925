/**
 * A connection to whichever host takes writes. It connects when it is first used, and again when it was lost; one
 * statement at a time.
 */

import { isRollupError } from '@quittance/protocol';
import type { Client, QueryResult, QueryResultRow } from 'pg';
import type { Clock, Logger } from '../../../runtime/index.ts';
import { journalUnavailable } from '../errors.ts';
import type { PostgresAddress, PostgresHost } from './address.ts';
import { beginSession, type Purpose, type ServerFacts } from './session.ts';
import { requireSuitable } from './suitable.ts';

/** For each host. */
const CONNECT_TIMEOUT_MS = 3_000;
/** Longer than the server takes to give up by itself: whoever does not answer then is not there. */
const ANSWER_TIMEOUT_MS = 6_000;
const KEEP_ALIVE_AFTER_MS = 5_000;

/** What all connections of one node share. */
export interface ConnectionContext {
  readonly Client: new (config: object) => Client;
  readonly address: PostgresAddress;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Position of the host that is tried first. */
  preferred: number;
}

/** What came back. */
export interface Answer<Row> {
  readonly rows: Row[];
  /** Rows that the statement changed or gave. */
  readonly count: number;
  /** Messages of warnings that came with it. */
  readonly warnings: readonly string[];
}

export interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Prepared once a connection under this name. */
  readonly name?: string;
}

/** One connection, or the next. */
export interface Connection {
  /**
   * @throws RollupError JOURNAL_UNAVAILABLE when there is no connection, or it is lost; the driver's error, with its
   * SQLSTATE as `code`, when the server refuses the statement.
   */
  query<Row extends QueryResultRow>(statement: Statement): Promise<Answer<Row>>;
  /** What it is connected to; connects where it is not. @throws RollupError JOURNAL_UNAVAILABLE. */
  facts(): Promise<ServerFacts>;
  /** Its name on the server, unique to it. */
  readonly applicationName: string;
  /** Ends it at once, whatever is in flight; the next use connects anew. */
  drop(reason: string): void;
  /** Ends it for good. */
  close(): Promise<void>;
}

interface Open {
  readonly client: Client;
  readonly facts: ServerFacts;
  readonly host: PostgresHost;
  readonly warnings: string[];
  lost: Error | undefined;
}

/** What the driver or the server said, without the password. */
function reasonOf({ address }: ConnectionContext, error: unknown): string {
  const { message, code, errors } = error as Error & { code?: string; errors?: Error[] };
  const text = message === '' ? (errors?.[0]?.message ?? code ?? 'no reason given') : message;
  return address.conceal(text);
}

/** What a connection is opened for. */
interface Opening {
  readonly purpose: Purpose;
  /** On the server. */
  readonly name: string;
  /** Told of the connection before it is used; what it asks has to be answered in the time of connecting. */
  readonly onOpen: (client: Client) => Promise<void>;
}

async function openAt(
  context: ConnectionContext,
  host: PostgresHost,
  { purpose, name, onOpen }: Opening,
): Promise<Open> {
  const client = new context.Client({
    connectionString: host.connectionString,
    application_name: name,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
  });
  const warnings: string[] = [];
  // Without a listener an idle connection that breaks would end the process.
  let fail = (_error: Error): void => undefined;
  client.on('error', (error) => fail(error));
  // All of them: what a server calls a warning is in its language, and it sends nothing less.
  client.on('notice', ({ message }) => warnings.push(message ?? ''));
  const timer = context.clock.schedule(CONNECT_TIMEOUT_MS, () => destroy(client, new Error('it does not answer')));
  try {
    await client.connect();
    const facts = await beginSession(client, purpose);
    requireSuitable(facts, purpose);
    const open: Open = { client, facts, host, warnings, lost: undefined };
    fail = (error) => {
      open.lost ??= error;
    };
    client.on('end', () => fail(new Error('the connection ended')));
    await onOpen(client);
    return open;
  } catch (error) {
    destroy(client);
    throw error;
  } finally {
    timer.cancel();
  }
}

function destroy(client: Client, reason?: Error): void {
  // The driver's own end waits for the server, which may be the one that does not answer.
  const { connection } = client as unknown as { connection: { stream: { destroy(reason?: Error): void } } };
  connection.stream.destroy(reason);
}

/** Tries the hosts, the preferred one first. @throws RollupError JOURNAL_UNAVAILABLE naming what each said. */
async function openAny(context: ConnectionContext, opening: Opening): Promise<Open> {
  const { hosts } = context.address;
  const problems: string[] = [];
  const errors: unknown[] = [];
  for (let index = 0; index < hosts.length; index++) {
    const position = (context.preferred + index) % hosts.length;
    const host = hosts[position]!;
    try {
      const open = await openAt(context, host, opening);
      context.preferred = position;
      return open;
    } catch (error) {
      errors.push(error);
      problems.push(`${host.name}: ${reasonOf(context, error)}`);
    }
  }
  // What passes by itself comes first: of two hosts, one is a standby, and the other may be just restarting.
  const cause = errors.find((error) => !isRollupError(error, 'JOURNAL_UNSUITABLE')) ?? errors[0];
  throw journalUnavailable(problems.join(', '), cause);
}

const LOOKING: Opening = {
  purpose: 'control',
  name: 'quittance looking for the primary',
  onOpen: async () => undefined,
};

/**
 * Turns to a host that was promoted after the one of this timeline, if there is any: a primary that was cut off does not
 * know that another has taken its place.
 */
export async function turnToNewer(context: ConnectionContext, timeline: number): Promise<boolean> {
  for (const [position, host] of context.address.hosts.entries()) {
    try {
      const { client, facts } = await openAt(context, host, LOOKING);
      destroy(client);
      if (facts.timeline <= timeline) continue;
      context.preferred = position;
      return true;
    } catch {
      // Down, or a standby still.
    }
  }
  return false;
}

/** A connection that is not open yet. @param onOpen told of each new connection, before it is used. */
export function createConnection(
  context: ConnectionContext,
  purpose: Purpose,
  onOpen: (client: Client) => Promise<void> = async () => undefined,
): Connection {
  // As the server keeps it: at most 63 bytes of printable ASCII. It is looked for there.
  const unique = crypto.randomUUID().slice(0, 8);
  const plainName = context.nodeName.replaceAll(/[^ -~]/g, '?');
  const applicationName = `quittance ${purpose} ${unique} ${plainName}`.slice(0, 63).trimEnd();
  let open: Open | undefined;
  let isClosed = false;
  let turn: Promise<unknown> = Promise.resolve();

  const connected = async (): Promise<Open> => {
    if (isClosed) throw journalUnavailable('it was closed');
    if (open?.lost !== undefined) open = undefined;
    if (open !== undefined) return open;
    const opened = await openAny(context, { purpose, name: applicationName, onOpen });
    if (isClosed) {
      destroy(opened.client);
      throw journalUnavailable('it was closed');
    }
    context.logger.debug('connected to the journal', { purpose, host: opened.host.name });
    open = opened;
    return opened;
  };
  const lose = (reason: string): void => {
    if (open === undefined) return;
    open.lost ??= new Error(reason);
    destroy(open.client);
  };
  const ask = async <Row extends QueryResultRow>(statement: Statement): Promise<Answer<Row>> => {
    const current = await connected();
    current.warnings.length = 0;
    const { text, values = [], name } = statement;
    const config = { text, values: [...values], ...(name === undefined ? {} : { name }) };
    const timer =
      purpose === 'append' ? undefined : context.clock.schedule(ANSWER_TIMEOUT_MS, () => lose('it does not answer'));
    try {
      const result: QueryResult<Row> = await current.client.query<Row>(config);
      return { rows: result.rows, count: result.rowCount ?? 0, warnings: [...current.warnings] };
    } catch (error) {
      const isRefused = current.lost === undefined && /^[0-9A-Z]{5}$/.test((error as { code?: string }).code ?? '');
      if (isRefused) throw error;
      lose((error as Error).message);
      throw journalUnavailable(`${current.host.name}: ${reasonOf(context, current.lost ?? error)}`, error);
    } finally {
      timer?.cancel();
    }
  };
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const mine = turn.then(task);
    turn = mine.catch(() => undefined);
    return mine;
  };
  return {
    applicationName,
    query: (statement) => inTurn(() => ask(statement)),
    facts: () => inTurn(async () => (await connected()).facts),
    drop: lose,
    async close() {
      isClosed = true;
      const client = open?.lost === undefined ? open?.client : undefined;
      if (client !== undefined) destroy(client);
      await turn;
    },
  };
}
