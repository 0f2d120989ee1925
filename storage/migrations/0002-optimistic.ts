/** Optimistic mode: a batch on L1 can be disputed, and be taken off it again. */
export const optimistic = `
-- What L1 says against the batch, over its state: 'disputed' over posted, 'reverted' (L1 removed it, it is to be posted
-- again) over sealed.
ALTER TABLE batches ADD COLUMN contested TEXT CHECK (contested IN ('disputed', 'reverted'));
`;
