/** Which way a payment takes. Pure. Source: docs/channels.md, Router. */

import { RollupError } from '@quittance/protocol';
import { WAYS, type Way, type WayQuote, type Why } from './types.ts';

/** What a choice is made of. */
export interface Choice {
  readonly urgent: boolean;
  /** Ways that were tried just now, and are dead. */
  readonly failed: ReadonlyMap<Way, Why>;
}

/** The way that is taken: the first in the order of `WAYS` that is possible and was not tried, certified only where it is urgent. */
export function chooseWay(quotes: readonly WayQuote[], { urgent, failed }: Choice): WayQuote | undefined {
  return WAYS.filter((way) => urgent || way !== 'certified')
    .map((way) => quotes.find((quote) => quote.way === way))
    .find((quote) => quote?.possible === true && !failed.has(quote.way));
}

/** No way is left. */
export function impossible(
  quotes: readonly WayQuote[],
  failed: ReadonlyMap<Way, Why>,
): RollupError<'PAYMENT_IMPOSSIBLE'> {
  const whyOf = (way: Way): Why => {
    const quote = quotes.find((one) => one.way === way);
    const why = failed.get(way) ?? (quote?.possible === false ? quote.why : undefined);
    return why ?? { code: 'NOT_AVAILABLE', message: 'only for urgent payments' };
  };
  const [channel, certified, rollup] = WAYS.map(whyOf) as [Why, Why, Why];
  const said = WAYS.map((way) => `${way}: ${whyOf(way).message} (${whyOf(way).code})`).join('; ');
  return new RollupError('PAYMENT_IMPOSSIBLE', `nothing was paid, since no way is possible. ${said}`, {
    channel: channel.code,
    rollup: rollup.code,
    certified: certified.code,
  });
}
