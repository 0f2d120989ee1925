/** The time, for whatever shows how long ago something was. */

import { createStore, useStore } from '../store.ts';

const now = createStore(Date.now());

setInterval(() => {
  if (document.visibilityState !== 'hidden') now.set(Date.now());
}, 1_000);

/** Unix milliseconds, once a second. */
export function useNow(): number {
  return useStore(now);
}
