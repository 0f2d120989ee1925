/** What the runner and its processes tell each other. */

/** The runner to a process: run this file. */
export interface FileRequest {
  readonly file: string;
}

/** One failed test or hook. */
export interface TestFailure {
  readonly title: string;
  /** Message and stack. */
  readonly error: string;
}

/** A process to the runner: how a file went. */
export interface FileResult {
  readonly file: string;
  readonly passed: number;
  readonly failures: readonly TestFailure[];
  /** Titles of skipped tests, which fail the run. */
  readonly skipped: readonly string[];
  /** Titles that this machine lacks something for: they were never defined. */
  readonly leftOut: readonly string[];
  readonly milliseconds: number;
  /** What the process still holds after it. */
  readonly heapBytes: number;
}
