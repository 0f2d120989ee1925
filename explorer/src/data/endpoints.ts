/**
 * What the page talks to: a sequencer, and an L1 node where somebody names one. All else the page's own policy forbids
 * (`policy.ts`), so a choice takes effect when the page is loaded anew: `choose` does that.
 *
 * A choice stands in the address (`?rpc=…&l1=…`), and is kept where storage is allowed; but where a sequencer serves the page,
 * a link to another one holds for this visit only, since it must not change what people see there the next time.
 */

import { ENDPOINT_NAMES, type EndpointName, type Endpoints, hostOf, normalizeEndpoint } from '../text/urls.ts';
import { keep, readKept } from './storage.ts';

/** What this visit talks to. */
function readEndpoints(page: {
  readonly origin: string;
  readonly pathname: string;
  readonly search: string;
}): Endpoints {
  const inAddress = new URLSearchParams(page.search);
  const host = hostOf(page);
  const choose = (name: EndpointName): string | undefined => {
    const given = inAddress.get(name);
    const chosen = given === null ? undefined : normalizeEndpoint(name, given);
    if (chosen !== undefined) {
      if (host === undefined) keep(name, chosen);
      return chosen;
    }
    const kept = readKept(name);
    return kept === undefined ? undefined : normalizeEndpoint(name, kept);
  };
  return { rpc: choose('rpc') ?? host, l1: choose('l1'), blobs: choose('blobs'), l1explorer: choose('l1explorer') };
}

/** What this visit talks to. */
export const endpoints: Endpoints = readEndpoints(location);

/**
 * Chooses addresses, keeps them, and loads the page anew where they differ from those that it talks to; it comes back to the
 * same place. Undefined takes a choice back.
 *
 * @returns false when nothing changed and the page stays. @throws TypeError when one is no http or https URL.
 */
export function choose(choices: Partial<Record<EndpointName, string | undefined>>): boolean {
  const inAddress = new URLSearchParams(location.search);
  let isNew = false;
  for (const name of ENDPOINT_NAMES) {
    if (!(name in choices)) continue;
    const given = choices[name];
    const chosen = given === undefined || given.trim() === '' ? undefined : normalizeEndpoint(name, given);
    if (chosen === undefined && given !== undefined && given.trim() !== '') {
      throw new TypeError(`“${given}” is no http or https address`);
    }
    const isKept = keep(name, chosen);
    // The address goes before what is kept, so it must not say anything else.
    if (chosen === undefined || isKept) inAddress.delete(name);
    else inAddress.set(name, chosen);
    isNew ||= (chosen ?? (name === 'rpc' ? hostOf(location) : undefined)) !== endpoints[name];
  }
  if (!isNew) return false;
  const search = inAddress.size === 0 ? '' : `?${inAddress}`;
  if (search === location.search) location.reload();
  else location.replace(`${location.pathname}${search}${location.hash}`);
  return true;
}
