/** The lease and the rows of nodes, as rows of PostgreSQL: all by the clock of the server. */

import { randomBytes } from 'node:crypto';
import { isRollupError } from '@quittance/protocol';
import type { Clock } from '../../../runtime/index.ts';
import { leaseMissing, notLeader } from '../errors.ts';
import { LEASE_MS, type Lease, type LeaseHolder, type LeaseTerm, type NodeRow, type NodeTable } from '../types.ts';
import type { Connection } from './connection.ts';
import { ask, askDurably } from './statements.ts';

const UNTIL = `clock_timestamp() + ${LEASE_MS} * interval '1 ms'`;

/**
 * A new term waits for the standby: else two leaders could have one epoch, before and after a failover. A lease that holds
 * for longer than any does was made by a clock that has been set back since, and counts as expired.
 */
const ACQUIRE = `UPDATE quittance.lease SET epoch = epoch + 1, holder = $1, url = $2, owner = $3, until = ${UNTIL}
  WHERE id = 1 AND (until <= clock_timestamp() OR until > ${UNTIL} OR owner = $3)
    AND set_config('synchronous_commit', 'on', true) IS NOT NULL
  RETURNING epoch::text`;
const RENEW = `UPDATE quittance.lease SET until = ${UNTIL} WHERE id = 1 AND epoch = $1 AND owner = $2`;
const RELEASE = `UPDATE quittance.lease SET until = '-infinity', owner = '' WHERE id = 1 AND epoch = $1 AND owner = $2`;
const HOLDER = `SELECT epoch::text, holder, url,
    (until <= clock_timestamp() OR until > ${UNTIL}) AS "isExpired"
  FROM quittance.lease WHERE id = 1`;

const PUT_NODE = `WITH gone AS (
    DELETE FROM quittance.node WHERE seen < clock_timestamp() - interval '1 day' AND name <> $1
  )
  INSERT INTO quittance.node VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp())
  ON CONFLICT (name) DO UPDATE SET url = excluded.url, role = excluded.role, epoch = excluded.epoch,
    head = excluded.head, version = excluded.version, seen = excluded.seen`;
const LIST_NODES = `SELECT name, url, role, epoch::text, head::text, version,
    greatest(0, extract(epoch FROM clock_timestamp() - seen))::float8 AS "secondsAgo"
  FROM quittance.node WHERE seen >= clock_timestamp() - interval '1 day' ORDER BY name COLLATE "C" LIMIT 256`;

type Texts<Row, Names extends keyof Row> = Omit<Row, Names> & { [Name in Names]: string };

/** Whoever leads; undefined before the first term. @throws RollupError JOURNAL_DAMAGED when the lease is gone; JOURNAL_UNAVAILABLE. */
async function readHolder(control: Connection): Promise<LeaseHolder | undefined> {
  const { rows } = await ask<Texts<LeaseHolder, 'epoch'>>(control, { text: HOLDER });
  const [row] = rows;
  if (row === undefined) throw leaseMissing();
  return row.epoch === '0' ? undefined : { ...row, epoch: Number(row.epoch) };
}

/** Whoever leads, for who only wants to name it; undefined where nobody says so. @throws RollupError JOURNAL_DAMAGED. */
export async function findHolder(control: Connection): Promise<LeaseHolder | undefined> {
  try {
    return await readHolder(control);
  } catch (error) {
    if (isRollupError(error, 'JOURNAL_DAMAGED')) throw error;
    return undefined;
  }
}

/** Who hears of it. */
export interface LeaseListener {
  /** An epoch of ours has ended. */
  readonly onEnd: (epoch: number) => void;
  /** A term could not be made durable. */
  readonly onStuck: () => void;
}

/** The lease as `node` takes it. */
export function createLease(
  control: Connection,
  node: { readonly name: string; readonly url: string; readonly clock: Clock },
  { onEnd, onStuck }: LeaseListener,
): Lease {
  const owner = randomBytes(16).toString('hex');
  const { name, url, clock } = node;
  // Counted from before the question: the server's lease begins later, and so ends later.
  const termOf = (epoch: number, askedMs: number): LeaseTerm => ({
    epoch,
    holder: name,
    url,
    untilMs: askedMs + LEASE_MS,
  });
  return {
    async acquire() {
      const askedMs = clock.monotonicMs();
      const asked = askDurably<{ epoch: string }>(control, { text: ACQUIRE, values: [name, url, owner] });
      asked.catch(onStuck);
      const [row] = (await asked).rows;
      return row === undefined ? undefined : termOf(Number(row.epoch), askedMs);
    },
    async renew({ epoch }) {
      const askedMs = clock.monotonicMs();
      const { count } = await ask(control, { text: RENEW, values: [epoch, owner] });
      if (count === 1) return termOf(epoch, askedMs);
      onEnd(epoch);
      const holder = await findHolder(control);
      throw notLeader(epoch, `epoch ${epoch} has ended`, holder?.epoch === epoch ? undefined : holder?.holder);
    },
    async release({ epoch }) {
      onEnd(epoch);
      await ask(control, { text: RELEASE, values: [epoch, owner] });
    },
    holder: () => readHolder(control),
  };
}

/** Rows that nodes write of themselves. */
export function createNodeTable(control: Connection): NodeTable {
  return {
    async put({ name, url, role, epoch, head, version }) {
      await ask(control, { text: PUT_NODE, values: [name, url, role, epoch, head, version] });
    },
    async list() {
      type Listed = NodeRow & { readonly secondsAgo: number };
      const { rows } = await ask<Texts<Listed, 'epoch' | 'head'>>(control, { text: LIST_NODES });
      return rows.map((row) => ({ ...row, epoch: Number(row.epoch), head: Number(row.head) }));
    },
  };
}
