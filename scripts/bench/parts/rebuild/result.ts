/** What `./dev bench rebuild` found, and what of it must not be. */

/** The JSON that it prints. */
export interface RebuildResult {
  /** Final batches on L1, the first few without transfers. */
  readonly batches: number;
  /** Transfers in all of them. */
  readonly transfers: number;
  readonly accounts: number;
  /** Of both runs together, from the start of the process to its end. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Of the run that was interrupted, and of that which went on; while batches were replayed. */
  readonly secondsPerBatchFirstHalf: number;
  readonly secondsPerBatchSecondHalf: number;
  /** Of the larger run. */
  readonly peakBytes: number;
  /** Whether the second run replayed only what the first had not. */
  readonly resumed: boolean;
  /** Whether the state is that which was put on L1. */
  readonly rootsEqual: boolean;
}

/** As the other half may be slower, on a machine that others use, without a reason in the length of the chain. */
const MAX_SLOWER = 1.5;

/** One sentence for each thing that is not as it has to be. */
export function failuresOf(result: RebuildResult): string[] {
  const { resumed, rootsEqual, secondsPerBatchFirstHalf: first, secondsPerBatchSecondHalf: second } = result;
  const failures: string[] = [];
  if (!rootsEqual) failures.push('the rebuilt state is not the one on L1');
  if (!resumed) failures.push('the second run did not go on where the first was interrupted');
  if (second > MAX_SLOWER * first) {
    failures.push(`a batch of the second half took ${second} s, one of the first ${first} s: it is not linear`);
  }
  return failures;
}

/** A line of progress: so many batches were done at this time. */
export interface ProgressLine {
  readonly atMs: number;
  readonly done: number;
}

/** Seconds a batch between the first and the last line of progress; 0 when there are not two. */
export function secondsPerBatch(lines: readonly ProgressLine[]): number {
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined || last.done === first.done) return 0;
  return Number(((last.atMs - first.atMs) / 1_000 / (last.done - first.done)).toFixed(4));
}
