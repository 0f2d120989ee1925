/** Numbers as people read them; amounts never lose a digit. */

const COUNT = new Intl.NumberFormat('en');
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** Less than this is written with an exponent. */
const LEAST_PLAIN = 0.001;

/** 1234567 → 1,234,567. */
export function countText(count: number | bigint): string {
  return COUNT.format(count);
}

/** 1234567 → 1.23M, 0.0000012 → 1.2e-6, for axes. */
export function shortText(value: number): string {
  if (value !== 0 && Math.abs(value) < LEAST_PLAIN) return value.toExponential(1);
  return SHORT.format(value);
}

/** Base units as a decimal number with all its digits: 1500000000000000000 of 18 decimals → 1.5. */
export function amountText(baseUnits: bigint, decimals: number): string {
  const sign = baseUnits < 0n ? '−' : '';
  const digits = (baseUnits < 0n ? -baseUnits : baseUnits).toString().padStart(decimals + 1, '0');
  const whole = COUNT.format(BigInt(digits.slice(0, digits.length - decimals)));
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${sign}${whole}${decimals === 0 || fraction === '' ? '' : `.${fraction}`}`;
}

/** Base units as a number for a chart, which needs no more than a double has. */
export function amountNumber(baseUnits: bigint, decimals: number): number {
  return Number(baseUnits) / 10 ** decimals;
}

/** Reads a whole number of at most 15 digits; undefined for anything else. */
export function parseCount(text: string): number | undefined {
  return /^(?:0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : undefined;
}
