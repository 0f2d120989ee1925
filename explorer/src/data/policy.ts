/**
 * Narrows what the page may connect to, to the addresses that were chosen. Policies of a page add up: this one comes on top of
 * that of index.html, which has to let any host through as it does not know the choice. Whatever gets into the page can then
 * send what it finds to none but those.
 */

import { connectSources, type Endpoints } from '../text/urls.ts';

/** Puts the policy into the page. Called before anything is connected to. */
export function narrowPolicy(endpoints: Endpoints): void {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = `connect-src ${connectSources(endpoints).join(' ')}`;
  document.head.append(policy);
}
