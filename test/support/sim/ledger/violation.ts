/** A broken promise, in words. */
export class Violation extends Error {}

/** @throws Violation unless it holds. */
export function requireThat(holds: boolean, message: () => string): void {
  if (!holds) throw new Violation(message());
}
