/** Rows that follow from the log, or come from L1, can be believed: each carries a checksum of its columns. */

/** Columns under a checksum, as they were when this migration was written. */
export const CHECKED_COLUMNS: Readonly<Record<string, string>> = {
  drops: 'sequence, batch, code, message, expected, actual',
  batches:
    'number, first_sequence, last_sequence, state, contested, time, header, header_hash, transfer_count, ' +
    'priority_count, sealed_ms, l1_transaction, l1_block_number, l1_block_hash, posted_ms, final_ms',
  chunks: 'batch, position, data, old_root, new_root, commitment, fee_tokens',
  placements: 'sequence, batch, chunk, slot, withdrawal',
  withdrawals: 'batch, position, owner_and_token, amount',
  leaves: 'leaf_index, batch, key_y, owner, token_id, nonce, balance',
  priority: 'queue_index, sequence, kind, l1_block_number, l1_block_hash, l1_transaction, deadline',
  meta: 'name, value',
};

export const checksums = `
-- Proofs on their own, each with the challenge that it was made for: one that cannot be read is made anew.
CREATE TABLE proofs (
  batch     INTEGER NOT NULL,
  position  INTEGER NOT NULL,
  challenge BLOB NOT NULL,
  proof     TEXT NOT NULL,
  prove_ms  INTEGER NOT NULL,
  checksum  INTEGER NOT NULL,
  PRIMARY KEY (batch, position),
  FOREIGN KEY (batch, position) REFERENCES chunks (batch, position) ON DELETE CASCADE
) STRICT;
INSERT INTO proofs (batch, position, challenge, proof, prove_ms, checksum)
  SELECT batch, position, challenge, proof, COALESCE(prove_ms, 0),
         row_checksum('proofs', batch, position, challenge, proof, COALESCE(prove_ms, 0))
  FROM chunks WHERE proof IS NOT NULL;
-- The challenge follows from the rest of the chunk.
ALTER TABLE chunks DROP COLUMN challenge;
ALTER TABLE chunks DROP COLUMN proof;
ALTER TABLE chunks DROP COLUMN prove_ms;
${Object.entries(CHECKED_COLUMNS)
  .map(
    ([table, columns]) =>
      `ALTER TABLE ${table} ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;\n` +
      `UPDATE ${table} SET checksum = row_checksum('${table}', ${columns});`,
  )
  .join('\n')}
`;
