/** The journal of a router in the database of a party: payments that were begun, as long as the channels are there. */

import type { PaymentJournal } from '@quittance/sdk/channels';
import { createTable, type Database, type Stored, type TableShape } from '../../storage/index.ts';
import type { Group } from './group.ts';

interface JournalRow {
  readonly key: string;
  readonly content: string;
}

export const JOURNAL: TableShape<JournalRow> = { name: 'journal', columns: ['key', 'content'], key: ['key'] };

/** A key as the table has it: SQLite keeps text as UTF-8, in which two keys with half a surrogate pair would be one. */
const storedKey = (key: string): string => JSON.stringify(key);

/** The journal in this database. What is put goes with whatever else is written in the same moment, in one commit. */
export function createStoredJournal(database: Database, { write }: Pick<Group, 'write'>): PaymentJournal {
  const table = createTable(database, JOURNAL);
  const ofKey = database.prepare<[string], Stored<JournalRow>>('SELECT * FROM journal WHERE key = ?');
  return {
    async load(key) {
      const row = ofKey.get(storedKey(key));
      return row && table.checked(row).content;
    },
    put: (key, content) => write(() => table.put({ key: storedKey(key), content })),
  };
}
