/** What a click starts, at most once at a time. */

import { useEffect, useRef, useState } from 'preact/hooks';

/** Something that a person starts by a click. */
export interface Action<Args extends readonly unknown[]> {
  readonly isBusy: boolean;
  /** What it ended with last time; undefined while it runs and after it succeeded. */
  readonly error: unknown;
  /** Does nothing while it runs: the second of two clicks never starts anything. */
  readonly start: (...args: Args) => void;
  readonly clear: () => void;
}

/** @param run what a click does. */
export function useAction<Args extends readonly unknown[]>(run: (...args: Args) => Promise<void>): Action<Args> {
  // A state is set a render later than a second click can come: a reference is set at once.
  const isRunning = useRef(false);
  const isThere = useRef(true);
  useEffect(
    () => () => {
      isThere.current = false;
    },
    [],
  );
  const [state, setState] = useState<{ readonly isBusy: boolean; readonly error: unknown }>(IDLE);
  const end = (error: unknown): void => {
    isRunning.current = false;
    if (isThere.current) setState({ isBusy: false, error });
  };
  return {
    ...state,
    start(...args) {
      if (isRunning.current) return;
      isRunning.current = true;
      setState({ isBusy: true, error: undefined });
      run(...args).then(() => end(undefined), end);
    },
    clear: () => setState((now) => ({ ...now, error: undefined })),
  };
}

const IDLE = { isBusy: false, error: undefined };
