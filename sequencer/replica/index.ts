/** A node that follows the journal. */

export { BEHIND_AFTER_MS, createReplica, type Replica } from './replica.ts';
