/** What `./dev bench cluster` measures. */

export interface ClusterResult {
  readonly runs: number;
  /** How often each thing happened. */
  readonly faults: Readonly<Record<string, number>>;
  /** Transfers that were promised, over all runs. */
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly forks: number;
  readonly headersEqual: boolean;
  /** The longest time without an acknowledgement after the leader, or the primary of the database, was gone. */
  readonly leaderFailoverSeconds: number;
  readonly primaryFailoverSeconds: number;
  readonly seed: string;
}
