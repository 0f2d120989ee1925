/** The tables of a fleet's ledger: who proved what, what is owed for it, and what was paid. */

const initial = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT;

-- Workers by their identity: a hash of the token, or the payout key. Strikes are invalid proofs.
CREATE TABLE workers (
  id       TEXT PRIMARY KEY,
  accepted INTEGER NOT NULL,
  strikes  INTEGER NOT NULL,
  checksum INTEGER NOT NULL
) STRICT;

-- Accepted proofs, by statement. payee, token and amount are NULL where nothing is owed; settled: there is a payment.
CREATE TABLE accepted (
  statement   TEXT PRIMARY KEY,
  batch       INTEGER NOT NULL,
  chunk       INTEGER NOT NULL,
  worker      TEXT NOT NULL,
  payee       TEXT,
  token       INTEGER,
  amount      TEXT,
  accepted_ms INTEGER NOT NULL,
  settled     INTEGER NOT NULL,
  checksum    INTEGER NOT NULL
) STRICT;
CREATE INDEX accepted_by_batch ON accepted (batch);
CREATE INDEX accepted_unpaid ON accepted (batch) WHERE settled = 0 AND amount IS NOT NULL;

-- One transfer for all that a payee earned with a batch. Its id is here before it is sent: a transfer with this nonce is the
-- same one or none.
CREATE TABLE payments (
  batch       INTEGER NOT NULL,
  payee       TEXT NOT NULL,
  token       INTEGER NOT NULL,
  amount      TEXT NOT NULL,
  transfer_id TEXT NOT NULL,
  nonce       INTEGER NOT NULL,
  content     TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('signed', 'sent', 'paid', 'refused')),
  checksum    INTEGER NOT NULL,
  PRIMARY KEY (batch, payee, token)
) STRICT;
CREATE INDEX payments_by_state ON payments (state);

-- Tokens of the open market, hashed, one a payout key.
CREATE TABLE market (
  payee    TEXT PRIMARY KEY,
  hash     TEXT NOT NULL UNIQUE,
  checksum INTEGER NOT NULL
) STRICT;
`;

/** The schema's history: migration i takes the database from version i to i + 1. Never edit one that was released. */
export const FLEET_MIGRATIONS: readonly string[] = [initial];
