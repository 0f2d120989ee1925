/** Links that ask for a payment: they fill the form in, and never send anything by themselves. */

import { href } from '../../text/places.ts';

/** What a link asks for, as text that the form shows and checks like anything that a person writes. */
export interface PaymentAsk {
  readonly to: string;
  readonly amount: string;
  readonly token: string;
  readonly reference: string;
}

export const EMPTY_ASK: PaymentAsk = { to: '', amount: '', token: '', reference: '' };

const NAMES = ['to', 'amount', 'token', 'reference'] as const;
/** Longer values are no receiver, amount, token or reference. */
const MAX_VALUE = 600;

/** What the query of an address asks for; empty texts where it says nothing. */
export function askOf(query: URLSearchParams): PaymentAsk {
  const values = NAMES.map((name) => [name, (query.get(name) ?? '').slice(0, MAX_VALUE)]);
  return Object.fromEntries(values) as Record<(typeof NAMES)[number], string>;
}

/** What pasted text asks for, if it is a payment link; undefined when it is not. */
export function askOfLink(text: string): PaymentAsk | undefined {
  const written = text.trim();
  if (!/^https?:\/\//i.test(written) || !URL.canParse(written)) return undefined;
  const { hash } = new URL(written);
  if (!hash.startsWith('#/wallet?')) return undefined;
  const ask = askOf(new URLSearchParams(hash.slice(hash.indexOf('?') + 1)));
  return ask.to === '' ? undefined : ask;
}

/**
 * The link for an ask. What it says stands behind the hash, which no server sees.
 *
 * @param page address of this page. @param rpc the sequencer, for a page that no sequencer serves.
 */
export function linkFor(page: Pick<Location, 'origin' | 'pathname'>, ask: PaymentAsk, rpc: string | undefined): string {
  const given = NAMES.filter((name) => ask[name] !== '').map((name) => [name, ask[name]] as const);
  const search = rpc === undefined ? '' : `?${new URLSearchParams({ rpc })}`;
  return `${page.origin}${page.pathname}${search}${href('/wallet', Object.fromEntries(given))}`;
}
