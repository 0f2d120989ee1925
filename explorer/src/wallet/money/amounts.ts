/** Amounts as people write them, and what a record can state of them. */

import { float40 } from '@quittance/protocol';
import { amountText } from '../../text/amounts.ts';

/** Digits with at most one point, without sign or exponent. */
const AMOUNT = /^(\d{1,60})(?:\.(\d{1,60}))?$/;

/** What a person wrote, in base units; or what is wrong with it, as a sentence. */
export type Parsed = { readonly units: bigint } | { readonly problem: string };

/** Reads an amount of a token. Zero is an amount: whoever asks says whether it makes sense. */
export function parseAmount(text: string, decimals: number, symbol: string): Parsed {
  const written = text.trim();
  if (written === '') return { problem: 'Say how much.' };
  const match = AMOUNT.exec(written);
  if (match === null) {
    const comma = written.includes(',') ? ' Write a point, and no commas.' : '';
    return { problem: `Write an amount like 12 or 0.5.${comma}` };
  }
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > decimals) {
    return { problem: `${symbol} has ${decimals} decimals; this amount has ${fraction.length}.` };
  }
  return { units: BigInt(match[1]! + fraction.padEnd(decimals, '0')) };
}

/** An amount that a record can state in place of one that it cannot. */
export interface Helped {
  readonly units: bigint;
  /** What was changed, for people; undefined when nothing was. */
  readonly sentence: string | undefined;
}

/**
 * The largest amount up to `units` that a record can state.
 *
 * @throws RollupError OUT_OF_RANGE for more than any record states.
 */
export function helpAmount(units: bigint, decimals: number, symbol: string): Helped {
  const below = float40.floor(units);
  if (below === units) return { units, sentence: undefined };
  const sentence =
    `A transfer states the first ten digits of an amount: ${amountText(below, decimals)} ${symbol} will be sent, ` +
    `${amountText(units - below, decimals)} ${symbol} less than you wrote.`;
  return { units: below, sentence };
}
