/** A value that components watch: what is left of state management in a page this small. */

import { useEffect, useState } from 'preact/hooks';

/** A value and who watches it. */
export interface Store<T> {
  get(): T;
  /** Watchers are told unless it is the same value. */
  set(value: T): void;
  /** @returns how to stop watching. */
  watch(listener: (value: T) => void): () => void;
}

/** A store that begins with `initial`. */
export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<(value: T) => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener(next);
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The value of a store; renders again when it changes. */
export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState(() => store.get());
  useEffect(() => {
    // It may have changed between the rendering and this.
    setValue(() => store.get());
    return store.watch((next) => setValue(() => next));
  }, [store]);
  return value;
}
