/** Addresses that people type. */

/** Addresses that were chosen; undefined where nothing was. */
export interface Endpoints {
  /** JSON-RPC of the sequencer. */
  readonly rpc: string | undefined;
  /** JSON-RPC of an L1 node. */
  readonly l1: string | undefined;
  /** Where blobs may be had: beacon nodes or mirrors, separated by commas. */
  readonly blobs: string | undefined;
  /** Block explorer of L1: links to `<it>/tx/<hash>`. */
  readonly l1explorer: string | undefined;
}

/** Names of the choices, in the address and in storage. */
export const ENDPOINT_NAMES = ['rpc', 'l1', 'blobs', 'l1explorer'] as const;
export type EndpointName = (typeof ENDPOINT_NAMES)[number];

/** Longest address that is taken. */
const MAX_URL_LENGTH = 2_000;

/** An address as it is used, without a slash at its end; undefined for anything that is no http or https URL, or has a user. */
export function normalizeUrl(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > MAX_URL_LENGTH) return undefined;
  const whole = /^[a-z]+:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  if (!URL.canParse(whole)) return undefined;
  const url = new URL(whole);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  // No browser connects to these, and a name before the @ looks like a host.
  if (url.username !== '' || url.password !== '') return undefined;
  url.hash = '';
  return url.href.replace(/\/$/, '');
}

/** The same for a list, separated by commas; undefined when one of them is none. */
export function normalizeUrls(text: string): string | undefined {
  const urls = text.split(',').map(normalizeUrl);
  return urls.includes(undefined) ? undefined : urls.join(',');
}

/** An address by what it is for. */
export const normalizeEndpoint = (name: EndpointName, text: string): string | undefined =>
  name === 'blobs' ? normalizeUrls(text) : normalizeUrl(text);

/** The sequencer that serves this page: it has it in its folder `explorer/`. */
export function hostOf(page: { readonly origin: string; readonly pathname: string }): string | undefined {
  const match = /^(.*)\/explorer\/(?:index\.html)?$/.exec(page.pathname);
  return match === null || !/^https?:/.test(page.origin) ? undefined : `${page.origin}${match[1]}`;
}

/** Sources for connect-src: the page's own host and those of the endpoints, each for HTTP and for its WebSocket. */
export function connectSources(endpoints: Endpoints): readonly string[] {
  const urls = ENDPOINT_NAMES.filter((name) => name !== 'l1explorer').flatMap(
    (name) => endpoints[name]?.split(',') ?? [],
  );
  const origins = new Set(urls.map((url) => new URL(url).origin));
  return ["'self'", ...[...origins].flatMap((origin) => [origin, origin.replace(/^http/, 'ws')])];
}
