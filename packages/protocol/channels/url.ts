/** Where parties are reached. Source: docs/channels.md, Connections. */

/** Path of the wire protocol. */
export const CHANNELS_PATH = '/channels/v1';

/** Letters of the URL of a party, at most. */
export const MAX_PARTY_URL = 255;

/** Whether a text is the URL of a party: one that a browser and a terminal read alike, printable ASCII without what separates things in an invoice. */
export function isPartyUrl(text: string): boolean {
  return text.length <= MAX_PARTY_URL && /^wss?:\/\/[A-Za-z0-9.:[\]-]+(?:\/[A-Za-z0-9._~/-]*)?$/.test(text);
}
