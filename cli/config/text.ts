/** Values of settings as a person writes them: what the setting's parser reads back. */

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

/** The text of a value. A list is like 0:1000,1:500; what is missing is nothing. */
export function valueText(setting: Pick<Setting<unknown>, 'placeholder'>, value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((item) => valueText(setting, item)).join(',');
  if (typeof value === 'object' && value !== null) return Object.values(value).join(':');
  return setting.placeholder === '<duration>' ? durationText(Number(value)) : String(value);
}
