/**
 * How nodes hear that there is more: the leader notifies behind each append, and who listens also looks from time to time,
 * since a notification is lost with its connection.
 */

import type { Client } from 'pg';
import type { Clock, Logger } from '../../../runtime/index.ts';
import { createLoop, type Loop } from '../../../runtime/index.ts';
import type { LogHead } from '../../head-file.ts';
import type { Connection } from './connection.ts';
import type { Reader } from './read.ts';

const CHANNEL = 'quittance_journal';
/** How often who watches looks, whether or not it hears. */
const LOOK_EVERY_MS = 1_000;

export interface News {
  /** Has a fresh connection listen. */
  readonly listen: (client: Client) => Promise<void>;
  /** The newest entry of which a leader said that it is durable, since this node listens. */
  readonly confirmed: () => number;
  /**
   * Tells all nodes, soon, that all up to this entry is durable. Not within the append: whoever notifies holds a lock of
   * the whole server until its commit is through, and that waits for the standby.
   */
  tell(control: Connection, sequence: number): void;
  /** @returns how to stop. */
  watch(reader: Reader, onNews: () => void): () => void;
  stop(): void;
}

/** Nothing of it is connected yet. */
export function createNews(clock: Clock, logger: Logger): News {
  const listeners = new Set<() => void>();
  const loops = new Set<Loop>();
  let confirmed = 0;
  let isTelling = false;
  let newest = 0;
  const notifyAll = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const tell = (control: Connection, sequence: number): void => {
    newest = sequence;
    if (isTelling) return;
    isTelling = true;
    control
      .query({ text: 'SELECT pg_notify($1, $2)', values: [CHANNEL, String(sequence)], name: 'notify' })
      // Who hears nothing looks.
      .catch((error: unknown) => logger.debug('could not notify', { error }))
      .finally(() => {
        isTelling = false;
        if (newest > sequence) tell(control, newest);
      });
  };
  return {
    async listen(client) {
      client.on('notification', ({ channel, payload = '' }) => {
        if (channel !== CHANNEL) return;
        if (/^\d{1,15}$/.test(payload)) confirmed = Number(payload);
        notifyAll();
      });
      // What another server has is not what this one had.
      confirmed = 0;
      await client.query(`LISTEN ${CHANNEL}`);
    },
    confirmed: () => confirmed,
    tell,
    watch(reader, onNews) {
      // Each watch is one, also of a function that watches already.
      const listener = (): void => onNews();
      let known: LogHead | undefined;
      const loop = createLoop({
        clock,
        intervalMs: LOOK_EVERY_MS,
        async run() {
          const found = await reader.head();
          const isOther = known !== undefined && found.sequence !== known.sequence;
          known = found;
          if (isOther) listener();
        },
        onError: (error) => logger.debug('could not look at the journal', { error }),
      });
      listeners.add(listener);
      loops.add(loop);
      loop.start();
      return () => {
        listeners.delete(listener);
        loops.delete(loop);
        void loop.stop();
      };
    },
    stop() {
      listeners.clear();
      for (const loop of loops) void loop.stop();
      loops.clear();
    },
  };
}
