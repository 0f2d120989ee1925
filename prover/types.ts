/** What the prover's parts tell their callers, and what they need from them. */

/** One event of a long task: `done` of `total` steps of `stage` are finished. */
export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

export type OnProgress = (progress: Progress) => void;

/** Whatever a long task accepts beside its input. */
export interface TaskOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}
