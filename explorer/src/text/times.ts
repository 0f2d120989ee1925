/** Times as people read them: how long ago, and exactly when. */

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'narrow' });
const ABSOLUTE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

const SECOND = 1_000;
const UNITS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number])[] = [
  ['day', 86_400 * SECOND],
  ['hour', 3_600 * SECOND],
  ['minute', 60 * SECOND],
  ['second', SECOND],
];

/** `12 s ago`, `in 3 h`; `now` within a second. */
export function relativeText(atMs: number, nowMs: number): string {
  const difference = atMs - nowMs;
  for (const [unit, ms] of UNITS) {
    if (Math.abs(difference) >= ms) return RELATIVE.format(Math.trunc(difference / ms), unit);
  }
  return 'now';
}

/** In the time zone of whoever looks. */
export function absoluteText(atMs: number): string {
  return ABSOLUTE.format(atMs);
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** `13:04:05`, in the time zone of whoever looks. */
export function clockText(atMs: number): string {
  return CLOCK.format(atMs);
}

/** `2 d 03:04:05` until then; all zeros afterwards. */
export function countdownText(untilMs: number, nowMs: number): string {
  const left = Math.max(0, Math.ceil((untilMs - nowMs) / SECOND));
  const two = (value: number): string => String(value).padStart(2, '0');
  const days = Math.floor(left / 86_400);
  const clock = [Math.floor(left / 3_600) % 24, Math.floor(left / 60) % 60, left % 60].map(two).join(':');
  return days === 0 ? clock : `${days} d ${clock}`;
}

/** `850 ms`, `3.2 s`, `2 min 5 s`: how long something took. */
export function durationText(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 60 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  const seconds = Math.round(ms / SECOND);
  return seconds < 3_600
    ? `${Math.floor(seconds / 60)} min ${seconds % 60} s`
    : `${Math.floor(seconds / 3_600)} h ${Math.floor(seconds / 60) % 60} min`;
}
