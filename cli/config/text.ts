/** Values of settings as a person writes them: what the setting's parser reads back. */

import { formatUnits } from 'ethers';
import type { Setting } from './setting.ts';

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
] as const;

/** 86,400 → "1d", 90 → "90s". */
function durationText(seconds: number): string {
  const [unit, length] = UNITS.find(([, length]) => seconds > 0 && seconds % length === 0) ?? ['s', 1];
  return `${seconds / length}${unit}`;
}

/** 10^17 → "0.1eth", 2×10^10 → "20gwei", 7 → "7": the largest unit with few digits behind the point. */
function weiText(wei: bigint): string {
  if (wei === 0n) return '0';
  if (wei % 10n ** 14n === 0n) return `${formatUnits(wei, 18).replace(/\.0$/, '')}eth`;
  if (wei % 10n ** 5n === 0n) return `${formatUnits(wei, 9).replace(/\.0$/, '')}gwei`;
  return String(wei);
}

/** The text of a value. A list is like 0:1000,1:500; what is missing is nothing. */
export function valueText(setting: Pick<Setting<unknown>, 'placeholder'>, value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((item) => valueText(setting, item)).join(',');
  if (typeof value === 'object' && value !== null) return Object.values(value).join(':');
  if (setting.placeholder === '<wei>') return weiText(BigInt(String(value)));
  return setting.placeholder === '<duration>' ? durationText(Number(value)) : String(value);
}
