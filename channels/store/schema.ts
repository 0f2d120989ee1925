/** The tables of a party's channels. */

const initial = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT;

-- A channel as this party has it, as JSON: newest state with both signatures, proposal, what was asked for.
CREATE TABLE channels (
  vault    TEXT PRIMARY KEY,
  content  TEXT NOT NULL,
  checksum INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Payments of this party (key: their id) that are in a state that both signed, with its version: each is made once.
CREATE TABLE changes (
  vault    TEXT NOT NULL,
  key      TEXT NOT NULL,
  version  INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  PRIMARY KEY (vault, key)
) STRICT, WITHOUT ROWID;
`;

const routes = `
-- HTLCs that are open, and those that ended while one with their hash is open that is for this party. Place: their order.
CREATE TABLE htlcs (
  hash       TEXT NOT NULL,
  vault      TEXT NOT NULL,
  isOutgoing INTEGER NOT NULL,
  place      INTEGER NOT NULL,
  content    TEXT NOT NULL,
  checksum   INTEGER NOT NULL,
  PRIMARY KEY (hash, vault, isOutgoing)
) STRICT, WITHOUT ROWID;
CREATE INDEX htlcsByVault ON htlcs (vault);

-- Invoices of this party, and how they were paid. Those that are paid never expire here.
CREATE TABLE invoices (
  hash      TEXT PRIMARY KEY,
  content   TEXT NOT NULL,
  expiresAt INTEGER NOT NULL,
  checksum  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invoicesByExpiry ON invoices (expiresAt);

-- Payments of this party by HTLCs, with their receipts. Those that have one were begun never, to be kept for ever.
CREATE TABLE payments (
  hash     TEXT PRIMARY KEY,
  content  TEXT NOT NULL,
  begunAt  INTEGER NOT NULL,
  checksum INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX paymentsByBegin ON payments (begunAt);
`;

const documents = `
-- What is kept of a channel beside its states: 'account' (our share of its key), 'closing' (how both close it), as JSON.
CREATE TABLE documents (
  kind     TEXT NOT NULL,
  vault    TEXT NOT NULL,
  content  TEXT NOT NULL,
  checksum INTEGER NOT NULL,
  PRIMARY KEY (kind, vault)
) STRICT, WITHOUT ROWID;
`;

const journal = `
-- Payments of a router (key: their idempotency key, as JSON): the order, and how far it is, as JSON. Kept for ever.
CREATE TABLE journal (
  key      TEXT PRIMARY KEY,
  content  TEXT NOT NULL,
  checksum INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

export const CHANNEL_MIGRATIONS: readonly string[] = [initial, routes, documents, journal];
