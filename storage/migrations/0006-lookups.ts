/** What people look for: entries of the log by account, owner and payment reference; what a batch cost on L1. */

/** Columns under a checksum that this migration changed, as they were when it was written. */
const BATCHES =
  'number, first_sequence, last_sequence, state, contested, time, header, header_hash, transfer_count, ' +
  'priority_count, sealed_ms, l1_transaction, l1_block_number, l1_block_hash, posted_ms, final_ms, form, blob_hashes, ' +
  'l1_gas_used';

export const lookups = `
-- Gas of the transaction that brought the batch to L1, if this sequencer sent it.
ALTER TABLE batches ADD COLUMN l1_gas_used INTEGER;
UPDATE batches SET checksum = row_checksum('batches', ${BATCHES});

-- Follows from the log and is made of it again when it does not fit. key: index of an account, or 2^48 and 48 bits of a
-- hash. meta 'lookups' says up to which sequence it is complete.
CREATE TABLE entries_by_key (
  key      INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (key, sequence)
) STRICT, WITHOUT ROWID;
`;
