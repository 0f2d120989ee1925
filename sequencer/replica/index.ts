/** A node that follows the journal. */

export { BEHIND_AFTER_MS, createReplica, type Replica, type ReplicaOptions } from './replica.ts';
