/** Protocol 2: data in several forms, with the visible records apart; moves among the withdrawals. */

/** Columns under a checksum that this migration changed, as they were when it was written. */
export const CHECKED_COLUMNS: Readonly<Record<string, string>> = {
  batches:
    'number, first_sequence, last_sequence, state, contested, time, header, header_hash, transfer_count, ' +
    'priority_count, sealed_ms, l1_transaction, l1_block_number, l1_block_hash, posted_ms, final_ms, form, blob_hashes',
  chunks: 'batch, position, data, old_root, new_root, commitment, fee_tokens, visible',
  withdrawals: 'batch, position, owner_and_token, amount, destination, key_y',
};

export const dataForms = `
-- 0 calldata, 1 coefficients, 2 evaluations; blob_hashes: JSON list of the versioned hashes of its blobs.
ALTER TABLE batches ADD COLUMN form INTEGER NOT NULL DEFAULT 0 CHECK (form BETWEEN 0 AND 2);
ALTER TABLE batches ADD COLUMN blob_hashes TEXT NOT NULL DEFAULT '[]';
-- Entries of 112 bytes. data has the blocks only; before protocol 2 the words followed them.
ALTER TABLE chunks ADD COLUMN visible BLOB NOT NULL DEFAULT x'';
-- Both only of a move: its destination's number and the key there.
ALTER TABLE withdrawals ADD COLUMN destination INTEGER;
ALTER TABLE withdrawals ADD COLUMN key_y BLOB;
${Object.entries(CHECKED_COLUMNS)
  .map(([table, columns]) => `UPDATE ${table} SET checksum = row_checksum('${table}', ${columns});`)
  .join('\n')}
`;
