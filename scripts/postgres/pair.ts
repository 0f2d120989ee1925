/** A PostgreSQL with a synchronous standby, and what happens to such a pair. */

import { createPostgres, createStandby, type PostgresServer } from './server.ts';

const SYNCHRONOUS = "synchronous_standby_names = '*'";

/** Two servers, of which one is the primary. */
export interface PostgresPair {
  readonly primary: PostgresServer;
  /** The primary's synchronous standby; undefined after a failover, until `rejoin`. */
  readonly standby: PostgresServer | undefined;
  /** Names both, for clients that look for the primary; servers that join later are not in it. */
  readonly url: string;
  /** Kills the primary and promotes the standby. Commits then wait for no standby. */
  failOver(): Promise<void>;
  /** Makes a new synchronous standby on the port of the server that was killed. */
  rejoin(): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves when the standby keeps up, so that commits wait for it and it answers. */
async function untilSynchronous(primary: PostgresServer): Promise<void> {
  await primary.configure(SYNCHRONOUS);
  for (let tries = 0; ; tries++) {
    const rows = await primary.query<{ sync_state: string }>('SELECT sync_state FROM pg_stat_replication');
    if (rows.some(({ sync_state }) => sync_state === 'sync')) return;
    if (tries > 3_000) throw new Error('PostgreSQL: the standby did not come within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * Starts both.
 *
 * @param settings lines for the postgresql.conf of both.
 * @param parent where their folders are made; in memory if not given.
 * @throws Error saying how to install PostgreSQL where there is none.
 */
export async function startPostgresPair(settings = '', parent?: string): Promise<PostgresPair> {
  let primary = await createPostgres(settings, parent);
  let standby: PostgresServer | undefined;
  const killed: PostgresServer[] = [];
  const stop = async (): Promise<void> => {
    for (const server of [standby, primary, ...killed]) await server?.stop();
  };
  try {
    standby = await createStandby(primary, 'standby');
    await primary.start();
    await standby.start();
    await untilSynchronous(primary);
  } catch (error) {
    await stop();
    throw error;
  }
  const hosts = [primary, standby].map(({ port }) => `127.0.0.1:${port}`).join(',');
  const url = `postgres://postgres:${primary.password}@${hosts}/postgres?target_session_attrs=read-write`;
  return {
    get primary() {
      return primary;
    },
    get standby() {
      return standby;
    },
    url,
    async failOver() {
      if (standby === undefined) throw new Error('there is no standby to promote');
      const promoted = standby;
      await primary.kill();
      await promoted.promote();
      killed.push(primary);
      primary = promoted;
      standby = undefined;
    },
    async rejoin() {
      const gone = killed.pop();
      if (gone === undefined) throw new Error('no server was killed');
      await gone.stop();
      standby = await createStandby(primary, 'standby', gone.port);
      await standby.start();
      await untilSynchronous(primary);
    },
    stop,
  };
}
