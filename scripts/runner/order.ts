/** In which order files run, and which of them run alone. */

/** Files that need the machine for themselves, with the reason. They run one by one when all others have ended. */
export const ALONE: Readonly<Record<string, string>> = {};

/** Folders whose files take long where nothing was measured yet: the first to be compiled for, or many processes each. */
const SLOW_FOLDERS = [
  ...['test/prover/', 'test/cli/', 'test/circuits/', 'test/pack/', 'test/explorer/', 'test/examples/'],
  ...['test/sequencer/', 'test/scripts/bench/', 'test/adversary/', 'test/docs/'],
];

/** Milliseconds that a file is believed to take before it was ever measured. */
const UNKNOWN_MS = { slow: 20_000, other: 1_000 } as const;

/** What the last run measured, by file, in milliseconds. */
export type Durations = Readonly<Record<string, number>>;

/** How long a file is believed to take, in milliseconds. */
export function expectedMs(file: string, durations: Durations): number {
  const isSlow = SLOW_FOLDERS.some((folder) => file.startsWith(folder));
  return durations[file] ?? (isSlow ? UNKNOWN_MS.slow : UNKNOWN_MS.other);
}

/** The longest first, so that no process is left with a long one when the others have ended. */
export function longestFirst(files: readonly string[], durations: Durations): string[] {
  return [...files].sort((a, b) => expectedMs(b, durations) - expectedMs(a, durations));
}
