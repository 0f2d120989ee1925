/**
 * How a node shows that it passes on what a client of its own sent, and for whom. It sends the client's address with a code
 * that only holders of the cluster's secret can make for it: whoever listens learns nothing to speak for other addresses by.
 */

import { createHmac, timingSafeEqual } from 'node:crypto';

/** The address of the client of the node that passes a call on. */
const CLIENT_HEADER = 'x-rollup-client';
/** The code of that address. */
const NODE_HEADER = 'x-rollup-node';
/** Longer than any address. */
const MAX_ADDRESS_LENGTH = 64;

function codeOf(secret: string, address: string): string {
  return createHmac('sha256', secret).update(`quittance forwards for ${address}`).digest('hex');
}

/** The headers of a call that is passed on for this address. */
export function forwardingHeaders(secret: string, address: string): Readonly<Record<string, string>> {
  return { [CLIENT_HEADER]: address, [NODE_HEADER]: codeOf(secret, address) };
}

/**
 * The address that a node of this cluster passes a call on for; undefined for whatever else comes.
 *
 * @param headers of the request, which anybody can write.
 */
export function forwardedFor(
  secret: string | undefined,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string | undefined {
  const { [CLIENT_HEADER]: address, [NODE_HEADER]: code } = headers;
  if (secret === undefined || typeof address !== 'string' || typeof code !== 'string') return undefined;
  if (address.length > MAX_ADDRESS_LENGTH) return undefined;
  const expected = Buffer.from(codeOf(secret, address));
  const actual = Buffer.from(code);
  return actual.length === expected.length && timingSafeEqual(actual, expected) ? address : undefined;
}
