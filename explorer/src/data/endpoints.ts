/**
 * What the page talks to: a sequencer, and an L1 node where somebody names one. All else the page's own policy forbids
 * (`policy.ts`), so a choice takes effect when the page is loaded anew: `choose` does that.
 *
 * A choice is kept where storage is allowed. The address can name others (`?rpc=…&l1=…`): they hold for this visit only, and
 * count as chosen by nobody here, since whoever wrote a link may own what it names.
 */

import { ENDPOINT_NAMES, type EndpointName, type Endpoints, hostOf, normalizeEndpoint } from '../text/urls.ts';
import { keep, readKept } from './storage.ts';

const host = hostOf(location);

/** What was chosen on this page, by its person or by the sequencer that serves it. */
function readOwn(name: EndpointName): string | undefined {
  const kept = readKept(name);
  return (kept === undefined ? undefined : normalizeEndpoint(name, kept)) ?? (name === 'rpc' ? host : undefined);
}

const addressed = new URLSearchParams(location.search);
const readAddressed = (name: EndpointName) => normalizeEndpoint(name, addressed.get(name) ?? '');
const each = (read: (name: EndpointName) => string | undefined): Endpoints =>
  Object.fromEntries(ENDPOINT_NAMES.map((name) => [name, read(name)])) as Record<EndpointName, string | undefined>;

/** What this page talks to where no link says otherwise. */
export const ownEndpoints: Endpoints = each(readOwn);

/** What this visit talks to. */
export const endpoints: Endpoints = each((name) => readAddressed(name) ?? ownEndpoints[name]);

/** Names of what only the address of the page says: nobody chose it here, and the sequencer that serves it is another. */
export const linked: readonly EndpointName[] = ENDPOINT_NAMES.filter(
  (name) => endpoints[name] !== ownEndpoints[name] && !(name === 'rpc' && endpoints.rpc === host),
);

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
    isNew ||= (chosen ?? (name === 'rpc' ? host : undefined)) !== endpoints[name];
    // Chosen now: the page comes back without asking.
    isNew ||= isKept && linked.includes(name);
  }
  if (!isNew) return false;
  const search = inAddress.size === 0 ? '' : `?${inAddress}`;
  if (search === location.search) location.reload();
  else location.replace(`${location.pathname}${search}${location.hash}`);
  return true;
}
