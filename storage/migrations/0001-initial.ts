/** First schema. Blobs are fixed-width big-endian numbers (bytes.ts); times are Unix milliseconds. */
export const initial = `
-- One totally ordered log of all that the sequencer took on. Never changed, never deleted.
-- type: 1 transfer, 2 priority operation, 3 seal, 4 unseal. id: transaction id of a transfer.
CREATE TABLE log (
  sequence    INTEGER PRIMARY KEY,
  type        INTEGER NOT NULL CHECK (type BETWEEN 1 AND 4),
  id          BLOB UNIQUE CHECK (id IS NULL OR length(id) = 32),
  payload     BLOB NOT NULL,
  received_ms INTEGER NOT NULL,
  chain       BLOB NOT NULL CHECK (length(chain) = 32)
) STRICT;
CREATE TRIGGER log_is_append_only_update BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_is_append_only_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

-- Transfers that were accepted but were no longer valid when their batch was sealed.
CREATE TABLE drops (
  sequence INTEGER PRIMARY KEY REFERENCES log (sequence),
  batch    INTEGER NOT NULL,
  code     TEXT NOT NULL,
  message  TEXT NOT NULL,
  expected TEXT,
  actual   TEXT
) STRICT;

CREATE TABLE batches (
  number            INTEGER PRIMARY KEY,
  first_sequence    INTEGER NOT NULL,
  last_sequence     INTEGER NOT NULL,
  state             TEXT NOT NULL CHECK (state IN ('sealed', 'proving', 'posted', 'final')),
  time              INTEGER NOT NULL,
  header            TEXT NOT NULL,
  header_hash       TEXT NOT NULL,
  transfer_count    INTEGER NOT NULL,
  priority_count    INTEGER NOT NULL,
  sealed_ms         INTEGER NOT NULL,
  l1_transaction    TEXT,
  l1_block_number   INTEGER,
  l1_block_hash     TEXT,
  posted_ms         INTEGER,
  final_ms          INTEGER
) STRICT;

CREATE TABLE chunks (
  batch       INTEGER NOT NULL REFERENCES batches (number) ON DELETE CASCADE,
  position    INTEGER NOT NULL,
  data        BLOB NOT NULL,
  old_root    BLOB NOT NULL,
  new_root    BLOB NOT NULL,
  commitment  BLOB NOT NULL,
  fee_tokens  TEXT NOT NULL,
  challenge   BLOB NOT NULL,
  proof       TEXT,
  prove_ms    INTEGER,
  PRIMARY KEY (batch, position)
) STRICT;

-- Where each executed operation of the log stands in its batch.
CREATE TABLE placements (
  sequence INTEGER PRIMARY KEY REFERENCES log (sequence),
  batch    INTEGER NOT NULL REFERENCES batches (number) ON DELETE CASCADE,
  chunk    INTEGER NOT NULL,
  slot     INTEGER NOT NULL,
  withdrawal INTEGER
) STRICT;
CREATE INDEX placements_by_batch ON placements (batch);

CREATE TABLE withdrawals (
  batch           INTEGER NOT NULL REFERENCES batches (number) ON DELETE CASCADE,
  position        INTEGER NOT NULL,
  owner_and_token BLOB NOT NULL,
  amount          BLOB NOT NULL,
  PRIMARY KEY (batch, position)
) STRICT, WITHOUT ROWID;

-- Versions of accounts: the content of a leaf after a batch. The state after batch n has, for each leaf, the
-- latest version of a batch ≤ n.
CREATE TABLE leaves (
  leaf_index INTEGER NOT NULL,
  batch      INTEGER NOT NULL,
  key_y      BLOB NOT NULL,
  owner      BLOB NOT NULL,
  token_id   INTEGER NOT NULL,
  nonce      INTEGER NOT NULL,
  balance    BLOB NOT NULL,
  PRIMARY KEY (leaf_index, batch)
) STRICT, WITHOUT ROWID;
CREATE INDEX leaves_by_batch ON leaves (batch);

CREATE TABLE priority (
  queue_index     INTEGER PRIMARY KEY,
  sequence        INTEGER NOT NULL UNIQUE REFERENCES log (sequence),
  kind            INTEGER NOT NULL,
  l1_block_number INTEGER NOT NULL,
  l1_block_hash   TEXT NOT NULL,
  l1_transaction  TEXT NOT NULL,
  deadline        INTEGER NOT NULL
) STRICT;

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`;
