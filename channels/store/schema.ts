/** The tables of a party's channels. */

const initial = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT;

-- A channel as this party has it, as JSON: newest state with both signatures, proposal, what was asked for.
CREATE TABLE channels (
  vault    TEXT PRIMARY KEY,
  content  TEXT NOT NULL,
  checksum INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Changes that are in a state that both signed, with its version: each is made once.
CREATE TABLE changes (
  vault    TEXT NOT NULL,
  key      TEXT NOT NULL,
  version  INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  PRIMARY KEY (vault, key)
) STRICT, WITHOUT ROWID;
`;

export const CHANNEL_MIGRATIONS: readonly string[] = [initial];
