/** Which PostgreSQL can hold a journal: it must keep what it confirmed, and be written. */

import type { RollupError } from '@quittance/protocol';
import { journalUnsuitable } from '../errors.ts';
import type { Purpose, ServerFacts } from './session.ts';

/** As `server_version_num`: the oldest that tests run against what it documents. */
const MIN_VERSION = 140_000;
/** Those with which a commit is on the standby's disk. */
const DURABLE = ['on', 'remote_apply'];

const wrong = (setting: string, actual: string, expected: string, wayOut: string): RollupError =>
  journalUnsuitable(setting, actual, expected, wayOut);

/** @throws RollupError JOURNAL_UNSUITABLE naming the first setting that is wrong, and the way out. */
export function requireSuitable(facts: ServerFacts, purpose: Purpose): void {
  const { version, isStandby, isReadOnly, fsync, fullPageWrites, synchronousCommit, clientMinMessages } = facts;
  if (version < MIN_VERSION) {
    throw wrong('server_version', String(Math.floor(version / 10_000)), '14 or later', 'upgrade the server');
  }
  if (isStandby) {
    throw wrong(
      'its role',
      'standby',
      'primary',
      'name the primary too, as postgres://…@first,second/…, or promote it',
    );
  }
  if (isReadOnly) {
    const way = 'see ALTER ROLE and ALTER DATABASE … RESET default_transaction_read_only, or free the disk that filled';
    throw wrong('default_transaction_read_only', 'on', 'off', way);
  }
  // Both lose commits that were confirmed when the machine loses power.
  for (const [setting, value] of [
    ['fsync', fsync],
    ['full_page_writes', fullPageWrites],
  ] as const) {
    if (value !== 'on')
      throw wrong(setting, value, 'on', `set ${setting} = on in postgresql.conf and restart the server`);
  }
  const pooled = 'connect to the server itself, or through a pooler in session mode';
  if (purpose !== 'control' && !DURABLE.includes(synchronousCommit)) {
    throw wrong('synchronous_commit of the connection', synchronousCommit, DURABLE.join(' or '), pooled);
  }
  if (clientMinMessages !== 'warning') throw wrong('client_min_messages', clientMinMessages, 'warning', pooled);
}
