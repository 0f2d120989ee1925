/** How long to wait before another attempt. */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;

/** Milliseconds before the attempt after that many: twice as long each time, up to a bound. */
export function waitBefore(attempts: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempts);
}
