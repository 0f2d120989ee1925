/** One PostgreSQL on this machine, on a free port of 127.0.0.1, with its data in a folder of its own. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { accountOf } from './account.ts';
import { findPostgres, POSTGRES_MISSING, type Postgres } from './find.ts';
import { type Home, makeHome, writeOwned } from './home.ts';

const run = promisify(execFile);
const READY_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 10;

/** A server that was started. */
export interface PostgresServer {
  readonly postgres: Postgres;
  readonly folder: string;
  readonly port: number;
  readonly password: string;
  /** Of its superuser, in the database `postgres`. */
  readonly url: string;
  /** Whether its process runs. */
  readonly isUp: boolean;
  start(): Promise<void>;
  /** SIGKILL: as if its machine lost power. Resolves when all of its processes have gone. */
  kill(): Promise<void>;
  /** Stops all of its processes in their tracks, or lets them go on. */
  freeze(isFrozen: boolean): void;
  /** A standby becomes a primary. */
  promote(): Promise<void>;
  /** Appends lines to postgresql.conf; what needs no restart counts at once. */
  configure(lines: string): Promise<void>;
  /** Runs one statement as the superuser, on a connection of its own; in the database `postgres` if none is named. */
  query<Row extends pg.QueryResultRow>(statement: string, values?: unknown[], database?: string): Promise<Row[]>;
  /** What it logged. */
  readonly log: string;
  /** Ends it and removes its folder. Idempotent. */
  stop(): Promise<void>;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function processesOf(leader: number): number[] {
  const children = readFileSync(`/proc/${leader}/task/${leader}/children`, 'utf8').trim();
  return [leader, ...(children === '' ? [] : children.split(' ').map(Number))];
}

function isRunning(pid: number): boolean {
  try {
    // A process that has ended and was not waited for is none any more.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function waitFor(what: string, isDone: () => boolean): Promise<void> {
  const triesLeft = READY_WITHIN_MS / LOOK_EVERY_MS;
  for (let tries = 0; !isDone(); tries++) {
    if (tries > triesLeft) throw new Error(`PostgreSQL: ${what} took more than ${READY_WITHIN_MS / 1_000} s`);
    await pause(LOOK_EVERY_MS);
  }
}

/** The server of a folder whose `data` is there. */
function serverOf(postgres: Postgres, home: Home, port: number, password: string): PostgresServer {
  const { folder } = home;
  let child: ChildProcess | undefined;
  let isStopped = false;
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const logFile = join(folder, 'log');
  const readLog = (): string => readFileSync(logFile, 'utf8');
  const isUp = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined || !isUp()) return;
    const processes = processesOf(child.pid!);
    const exited = once(child, 'exit');
    // Those that are stopped hear nothing but this.
    if (signal === 'SIGKILL') for (const pid of processes) signalTo(pid, signal);
    else child.kill(signal);
    await exited;
    await waitFor('ending', () => !processes.some(isRunning));
  };
  const server: PostgresServer = {
    postgres,
    folder,
    port,
    password,
    url,
    get isUp() {
      return isUp();
    },
    get log() {
      return readLog();
    },
    async start() {
      const log = openSync(logFile, 'a', 0o600);
      const options = { ...accountOf(), cwd: folder, env: { ...process.env, ...postgres.environment } };
      const started = spawn(join(postgres.bin, 'postgres'), ['-D', join(folder, 'data')], {
        ...options,
        stdio: ['ignore', log, log],
      });
      closeSync(log);
      child = started;
      await waitFor('starting', () => {
        if (!isUp()) throw new Error(`PostgreSQL ended while it started:\n${readLog().slice(-2_000)}`);
        return statusOf(folder, started.pid!) === 'ready';
      });
    },
    kill: () => end('SIGKILL'),
    freeze(isFrozen) {
      for (const pid of processesOf(child!.pid!)) signalTo(pid, isFrozen ? 'SIGSTOP' : 'SIGCONT');
    },
    async promote() {
      await server.query('SELECT pg_promote(true, 30)');
    },
    async configure(lines) {
      appendFileSync(join(folder, 'data/postgresql.conf'), `\n${lines}\n`);
      if (isUp()) await server.query('SELECT pg_reload_conf()');
    },
    async query<Row extends pg.QueryResultRow>(
      statement: string,
      values?: unknown[],
      database = 'postgres',
    ): Promise<Row[]> {
      const client = new pg.Client({ connectionString: url.replace(/postgres$/, database) });
      await client.connect();
      try {
        return (await client.query<Row>(statement, values)).rows;
      } finally {
        await client.end();
      }
    },
    async stop() {
      if (isStopped) return;
      isStopped = true;
      await end('SIGKILL');
      await home.remove();
    },
  };
  return server;
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** What the server says of itself in its file: `starting`, `ready`, `standby`, … */
function statusOf(folder: string, pid: number): string | undefined {
  try {
    const lines = readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n');
    return Number(lines[0]) === pid ? lines[7]?.trim() : undefined;
  } catch {
    return undefined;
  }
}

/** Little memory, since several run on one machine beside much else, and nothing outside the folder, which is removed. */
const SETTINGS = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = '32MB'
dynamic_shared_memory_type = mmap
wal_keep_size = '256MB'
log_line_prefix = '%m [%p] %a '
`;

/**
 * A server with an empty database that is not started yet.
 *
 * @param settings lines for its postgresql.conf.
 * @param parent where its folder is made; in memory if not given, where a flush costs nothing.
 * @throws Error saying how to install PostgreSQL where there is none.
 */
export async function createPostgres(settings = '', parent?: string): Promise<PostgresServer> {
  const postgres = findPostgres();
  if (postgres === undefined) throw new Error(POSTGRES_MISSING);
  const home = makeHome(parent);
  const { folder } = home;
  const password = randomBytes(12).toString('hex');
  const passwordFile = join(folder, 'password');
  writeOwned(passwordFile, password);
  const options = { ...accountOf(), cwd: folder, env: { ...process.env, ...postgres.environment } };
  const flags = ['--username=postgres', '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'];
  try {
    const initdb = join(postgres.bin, 'initdb');
    await run(initdb, ['-D', join(folder, 'data'), `--pwfile=${passwordFile}`, ...flags], options);
    const port = await freePort();
    appendFileSync(join(folder, 'data/postgresql.conf'), `${SETTINGS}port = ${port}\n${settings}\n`);
    return serverOf(postgres, home, port, password);
  } catch (error) {
    await home.remove();
    throw error;
  }
}

/** A started server with an empty database. @throws as `createPostgres`. */
export async function startPostgres(settings = ''): Promise<PostgresServer> {
  const server = await createPostgres(settings);
  try {
    await server.start();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Copies a folder of data, keeping whose it is. The source must not change meanwhile, or be in a backup. */
async function copyData(from: string, to: string): Promise<void> {
  await run('cp', ['-a', join(from, 'data'), join(to, 'data')], { ...accountOf(), cwd: to });
}

/**
 * A standby of `primary`, not started yet. Where the primary runs, its data are copied within a backup; else, as they lie there.
 *
 * @param name by which `synchronous_standby_names` knows it.
 * @param wantedPort a free one if not given.
 */
export async function createStandby(
  primary: PostgresServer,
  name: string,
  wantedPort?: number,
): Promise<PostgresServer> {
  const home = makeHome(dirname(primary.folder));
  const { folder } = home;
  const port = wantedPort ?? (await freePort());
  const conninfo = `host=127.0.0.1 port=${primary.port} user=postgres password=${primary.password} application_name=${name}`;
  const lines = `port = ${port}\nprimary_conninfo = '${conninfo}'\nsynchronous_standby_names = ''\n`;
  await (primary.isUp ? copyRunning(primary, folder) : copyData(primary.folder, folder));
  appendFileSync(join(folder, 'data/postgresql.conf'), `\n${lines}`);
  writeOwned(join(folder, 'data/standby.signal'), '');
  return serverOf(primary.postgres, home, port, primary.password);
}

/** An online backup: what changes while it is copied is in the log that comes with it. */
async function copyRunning(primary: PostgresServer, folder: string): Promise<void> {
  const [begin, end] = primary.postgres.version >= 15 ? ['pg_backup_start', 'pg_backup_stop'] : ['pg_start_backup', ''];
  if (end === '') throw new Error(`PostgreSQL ${primary.postgres.version}: a running server is copied from 15 on`);
  const client = new pg.Client({ connectionString: primary.url });
  await client.connect();
  try {
    await client.query(`SELECT ${begin}('standby', true)`);
    await copyData(primary.folder, folder);
    const { rows } = await client.query<{ labelfile: string }>(`SELECT labelfile FROM ${end}(false)`);
    rmSync(join(folder, 'data/postmaster.pid'), { force: true });
    writeOwned(join(folder, 'data/backup_label'), rows[0]!.labelfile);
  } finally {
    await client.end();
  }
}
