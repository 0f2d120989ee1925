/** Documents of channels: their accounts, and how they are closed. */

import type { ChannelDocuments } from '@quittance/sdk/channels';
import { createTable, type Database, type Stored, type TableShape } from '../../storage/index.ts';

interface DocumentRow {
  readonly kind: string;
  readonly vault: string;
  readonly content: string;
}

export const DOCUMENTS: TableShape<DocumentRow> = {
  name: 'documents',
  columns: ['kind', 'vault', 'content'],
  key: ['kind', 'vault'],
};

/** Documents in the database of a party. */
export function createStoredDocuments(database: Database): ChannelDocuments {
  const table = createTable(database, DOCUMENTS);
  const ofKind = database.prepare<[string], Stored<DocumentRow>>(
    'SELECT * FROM documents WHERE kind = ? ORDER BY vault',
  );
  const remove = database.prepare<[string, string]>('DELETE FROM documents WHERE kind = ? AND vault = ?');
  return {
    all: async (kind) =>
      ofKind
        .all(kind)
        .map((row) => table.checked(row))
        .map(({ vault, content }) => [vault, content]),
    async put(kind, vault, content) {
      database.commit(() => table.put({ kind, vault, content }));
    },
    async remove(kind, vault) {
      database.commit(() => void remove.run(kind, vault));
    },
  };
}
