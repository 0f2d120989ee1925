/** Reads segments page by page, believing neither their chain nor that what is visible is durable. */

import type { LogHead } from '../../head-file.ts';
import { journalBehind, journalDamaged } from '../errors.ts';
import { decodeSegment } from '../segment.ts';
import type { Segment } from '../types.ts';
import type { Connection } from './connection.ts';
import type { ClusterRow } from './schema.ts';
import { ask, askDurably } from './statements.ts';

const PAGE_SEGMENTS = 64;
/** A page must come within the time of a statement, over a slow line too. */
const PAGE_BYTES = 2 * 1024 * 1024;

/** As many as fit PAGE_BYTES, and the one with which they do not. */
const PAGE = `SELECT first::text, last::text, epoch::text, previous, chain, body,
    current_setting('synchronous_standby_names') <> '' AS "isReplicated"
  FROM (SELECT *, sum(octet_length(body)) OVER (ORDER BY first) - octet_length(body) AS before
    FROM (SELECT * FROM quittance.segment WHERE first > $1 ORDER BY first LIMIT ${PAGE_SEGMENTS}) AS next) AS summed
  WHERE before < ${PAGE_BYTES} ORDER BY summed.first`;

/** A commit that waits for the standby has everything before it wait too. */
const CONFIRM = "SELECT pg_logical_emit_message(true, 'quittance', '')";

const NEWEST = 'SELECT last::text AS sequence, chain FROM quittance.segment ORDER BY first DESC LIMIT 1';
const OLDEST = 'SELECT (first - 1)::text AS sequence, previous AS chain FROM quittance.segment ORDER BY first LIMIT 1';
const ENDING_AT = `SELECT last::text AS sequence, chain FROM quittance.segment
  WHERE first <= $1 ORDER BY first DESC LIMIT 1`;

/** Rows as the driver gives them; asked for in binary form, it would read bytes as UTF-8 and lose them. */
interface Page {
  readonly first: string;
  readonly last: string;
  readonly epoch: string;
  readonly previous: Buffer;
  readonly chain: Buffer;
  readonly body: Buffer;
  readonly isReplicated: boolean;
}

/** What reads of one journal ask. */
export interface Reader {
  head(): Promise<LogHead>;
  read(after: LogHead): AsyncGenerator<Segment>;
}

/** Up to where the leader itself has said that what it appended is durable. */
export type Confirmed = () => number;

/**
 * @param base where it begins when nothing is in it.
 * @param confirmed what need not be asked about.
 */
export function createReader(
  connection: Connection,
  { base }: Pick<ClusterRow, 'base'>,
  confirmed: Confirmed = () => 0,
): Reader {
  const headOf = async (text: string, values: unknown[] = []): Promise<LogHead | undefined> => {
    const { rows } = await ask<{ sequence: string; chain: Buffer }>(connection, { text, values });
    const [row] = rows;
    return row === undefined ? undefined : { sequence: Number(row.sequence), chain: row.chain };
  };
  const head = async (): Promise<LogHead> => (await headOf(NEWEST)) ?? base;

  /** That the journal has this entry, and a segment of it ends there. */
  const requireEntry = async (after: LogHead): Promise<void> => {
    const newest = await head();
    if (newest.sequence < after.sequence) {
      const what = `the journal ends at entry ${newest.sequence}, but this node has entry ${after.sequence}`;
      throw journalBehind(`${what}: it is the wrong one, or lost what was in it`, after.sequence, newest.sequence);
    }
    const oldest = (await headOf(OLDEST)) ?? base;
    if (oldest.sequence > after.sequence) {
      const what = `the journal begins behind entry ${oldest.sequence}, but this node ends at entry ${after.sequence}`;
      throw journalBehind(`${what}: begin it with a copy of another node's database`, after.sequence, oldest.sequence);
    }
    const found = oldest.sequence === after.sequence ? oldest : await headOf(ENDING_AT, [after.sequence]);
    if (found?.sequence !== after.sequence) throw journalDamaged(`no segment of it ends at entry ${after.sequence}`);
    if (!found.chain.equals(after.chain)) {
      throw journalDamaged(`its entry ${after.sequence} is not the one that this node has`);
    }
  };
  /** After a crash, or a wait that was cancelled, what no standby has is visible: it may yet be lost. */
  const requireDurable = async (rows: readonly Page[]): Promise<void> => {
    const { last, isReplicated } = rows.at(-1)!;
    if (isReplicated && Number(last) > confirmed()) await askDurably(connection, { text: CONFIRM });
  };

  return {
    head,
    async *read(after) {
      let from = after;
      for (;;) {
        const { rows } = await ask<Page>(connection, { text: PAGE, values: [from.sequence], name: 'page' });
        // A segment that follows shows that the entry is there; only where none does, one must look.
        if (from === after && !rows[0]?.previous.equals(after.chain)) await requireEntry(after);
        if (rows.length === 0) return;
        await requireDurable(rows);
        for (const { first, last, epoch, isReplicated: _, ...bytes } of rows) {
          const stored = { ...bytes, first: Number(first), last: Number(last), epoch: Number(epoch) };
          const segment = decodeSegment(stored, from);
          yield segment;
          from = { sequence: segment.last, chain: segment.chain };
        }
      }
    },
  };
}
