/** What a batch leaves behind is packed: a row a chunk for where operations stand, a row for many accounts or withdrawals. */

/** Columns under a checksum that this migration changed, as they were when it was written. */
export const CHECKED_COLUMNS: Readonly<Record<string, string>> = {
  chunks:
    'batch, position, data, old_root, new_root, commitment, fee_tokens, visible, places, first_transfer, first_priority',
  withdrawals: 'batch, position, withdrawals',
  leaf_changes: 'batch, first_leaf, accounts',
};
/** Of a table that it made, which is empty after it. */
export const ADDED_COLUMNS: Readonly<Record<string, string>> = { leaf_pages: 'page, batch, accounts' };

const ofChunk = 'placements.batch = chunks.batch AND placements.chunk = chunks.position';
const firstOf = (type: number) =>
  `(SELECT MIN(sequence) FROM placements JOIN log USING (sequence) WHERE log.type = ${type} AND ${ofChunk})`;

/** Uses the functions of storage/migrations/packing.ts. */
export const packed = `
-- places: 10 bytes a slot, the sequence of its operation (6, 0 for none) and the position of its withdrawal (4, all bits for
-- none). first_…: the lowest sequence of its transfers and of its priority operations.
ALTER TABLE chunks ADD COLUMN places BLOB NOT NULL DEFAULT x'';
ALTER TABLE chunks ADD COLUMN first_transfer INTEGER;
ALTER TABLE chunks ADD COLUMN first_priority INTEGER;
UPDATE chunks SET
  places = (SELECT pack_places(slot, sequence, withdrawal) FROM placements WHERE ${ofChunk}),
  first_transfer = ${firstOf(1)},
  first_priority = ${firstOf(2)};
DROP TABLE placements;
CREATE INDEX chunks_by_transfer ON chunks (first_transfer);
CREATE INDEX chunks_by_priority ON chunks (first_priority);

-- Up to 64 a row, 85 bytes each: ownerAndToken 32, amount 16, 1 for a move, its destination 4, the key there 32.
CREATE TABLE packed_withdrawals (
  batch       INTEGER NOT NULL REFERENCES batches (number) ON DELETE CASCADE,
  position    INTEGER NOT NULL,
  withdrawals BLOB NOT NULL,
  checksum    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (batch, position)
) STRICT;
INSERT INTO packed_withdrawals (batch, position, withdrawals)
  SELECT batch, MIN(position), pack_withdrawals(position, owner_and_token, amount, destination, key_y)
  FROM withdrawals GROUP BY batch, position / 64;
DROP TABLE withdrawals;
ALTER TABLE packed_withdrawals RENAME TO withdrawals;

-- The accounts that a batch changed, as they are after it: up to 128 rows of 80 bytes by ascending leaf, of which the first
-- is first_leaf. They count when their batch is there. Of leaves in several batches the last one counts.
CREATE TABLE leaf_changes (
  batch      INTEGER NOT NULL,
  first_leaf INTEGER NOT NULL,
  accounts   BLOB NOT NULL,
  checksum   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (batch, first_leaf)
) STRICT;
INSERT INTO leaf_changes (batch, first_leaf, accounts)
  SELECT batch, MIN(leaf_index), pack_accounts(leaf_index, key_y, owner, token_id, nonce, balance)
  FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY batch ORDER BY leaf_index) - 1 AS place FROM leaves)
  GROUP BY batch, place / 128;
DROP TABLE leaves;
-- Under the changes that are left: leaves 128·page and on as they are after a final batch.
CREATE TABLE leaf_pages (
  page     INTEGER PRIMARY KEY,
  batch    INTEGER NOT NULL,
  accounts BLOB NOT NULL,
  checksum INTEGER NOT NULL
) STRICT;
${Object.entries(CHECKED_COLUMNS)
  .map(([table, columns]) => `UPDATE ${table} SET checksum = row_checksum('${table}', ${columns});`)
  .join('\n')}
`;
