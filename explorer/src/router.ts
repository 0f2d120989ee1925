/**
 * Where the page is: a path behind the hash, so that it works below any folder of any host, and so that what stands in a
 * payment link is sent to no server.
 */

import { createStore } from './store.ts';
import { href, type Place, placeOf } from './text/places.ts';

/** Where the page is now. */
export const place = createStore<Place>(placeOf(location.hash));

/** Goes to a path. @param replace leaves no step to go back to. */
export function navigate(
  path: string,
  query: Readonly<Record<string, string | undefined>> = {},
  replace = false,
): void {
  const target = href(path, query);
  if (replace) {
    history.replaceState(null, '', target);
    place.set(placeOf(target));
  } else location.hash = target;
}

addEventListener('hashchange', () => {
  // Steps back keep the state that they were marked with; what is new begins at its top.
  const isNew = history.state === null;
  history.replaceState({ seen: true }, '');
  place.set(placeOf(location.hash));
  if (isNew) scrollTo(0, 0);
});
