/** The watcher's tables. All but `steps` and `attempts` can be made again from L1. */

const initial = `
-- Which rollup this is about.
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- Heads of L1 up to which everything was read; the newest that is still on L1 is where reading goes on after a reorg.
CREATE TABLE heads (number INTEGER PRIMARY KEY, hash TEXT NOT NULL) STRICT;

-- Events of both contracts that still matter. position: of the log in its block. assertion, dispute: their ids, if it
-- has them.
CREATE TABLE events (
  block     INTEGER NOT NULL,
  position  INTEGER NOT NULL,
  kind      TEXT NOT NULL,
  assertion INTEGER,
  dispute   INTEGER,
  content   TEXT NOT NULL,
  PRIMARY KEY (block, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_assertion ON events (assertion);
CREATE INDEX events_by_dispute ON events (dispute);

-- The state after one final batch that is too deep to be reorganized: where a restart begins.
CREATE TABLE checkpoint (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  header      TEXT NOT NULL,
  header_hash TEXT NOT NULL,
  block       INTEGER NOT NULL
) STRICT;
CREATE TABLE accounts (
  leaf_index INTEGER PRIMARY KEY,
  key_y      BLOB NOT NULL,
  owner      BLOB NOT NULL,
  token_id   INTEGER NOT NULL,
  nonce      INTEGER NOT NULL,
  balance    BLOB NOT NULL
) STRICT;

-- Commitments to steps. Without its salt a step could not be proven, so it is here before L1 hears of it.
CREATE TABLE steps (
  commitment  TEXT PRIMARY KEY,
  assertion   INTEGER NOT NULL,
  header_hash TEXT NOT NULL,
  chunk       INTEGER NOT NULL,
  slot        INTEGER NOT NULL,
  prover      TEXT NOT NULL,
  salt        TEXT NOT NULL,
  created_ms  INTEGER NOT NULL
) STRICT;
CREATE INDEX steps_by_chunk ON steps (assertion, chunk);

-- Actions that were begun, before they were sent. Two with one nonce cannot both be included.
CREATE TABLE attempts (
  key         TEXT PRIMARY KEY,
  nonce       INTEGER NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('begun', 'included')),
  block       INTEGER NOT NULL DEFAULT 0,
  transaction_hash TEXT,
  cost_wei    TEXT,
  updated_ms  INTEGER NOT NULL
) STRICT;

-- What people are told, once each.
CREATE TABLE alerts (
  key          TEXT PRIMARY KEY,
  content      TEXT NOT NULL,
  created_ms   INTEGER NOT NULL,
  tries        INTEGER NOT NULL DEFAULT 0,
  next_try_ms  INTEGER NOT NULL DEFAULT 0,
  delivered_ms INTEGER
) STRICT;
`;

/** Columns as they were when this migration was written. */
const COLUMNS: Readonly<Record<string, string>> = {
  meta: 'name, value',
  heads: 'number, hash',
  events: 'block, position, kind, assertion, dispute, content',
  checkpoint: 'id, header, header_hash, block',
  accounts: 'leaf_index, key_y, owner, token_id, nonce, balance',
  steps: 'commitment, assertion, header_hash, chunk, slot, prover, salt, created_ms',
  attempts: 'key, nonce, state, block, transaction_hash, cost_wei, updated_ms',
  alerts: 'key, content, created_ms, tries, next_try_ms, delivered_ms',
};

/** A row that is not as it was written is damage. */
const checksums = Object.entries(COLUMNS)
  .map(
    ([table, columns]) =>
      `ALTER TABLE ${table} ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;\n` +
      `UPDATE ${table} SET checksum = row_checksum('${table}', ${columns});`,
  )
  .join('\n');

/** The schema's history: migration i takes the database from version i to i + 1. Never edit one that was released. */
export const WATCHER_MIGRATIONS: readonly string[] = [initial, checksums];
