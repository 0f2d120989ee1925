/** Opens a journal. Who runs one machine loads nothing of it. */

import type { Journal, JournalOptions } from './types.ts';

/**
 * Opens the journal.
 *
 * @throws RollupError CONFIG_INVALID when URL, user, password or database are wrong; JOURNAL_UNAVAILABLE when no server
 * answers; JOURNAL_UNSUITABLE when one could lose what it confirms, takes no writes, or is behind a pooler in transaction
 * mode; JOURNAL_FOREIGN, JOURNAL_DAMAGED or DATABASE_NEWER when what is there is not ours.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { openPostgresJournal } = await import('./postgres/postgres.ts');
  return openPostgresJournal(options);
}
