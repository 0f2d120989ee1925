/** What `./dev bench reorg` prints. */

/** Sums over all reorgs. */
export interface ReorgResult {
  /** Blocks that were taken back. */
  readonly depths: readonly number[];
  readonly runs: number;
  /** Runs in which operations were taken back that had been counted. */
  readonly takenBack: number;
  readonly acknowledged: number;
  readonly undone: number;
  readonly lost: number;
  readonly doubled: number;
  readonly halted: number;
  readonly rootsEqual: boolean;
}
