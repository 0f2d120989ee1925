/** Waiting for what another process or another turn of the event loop does: bounded, and it says what did not come. */

export interface UntilOptions {
  /** Told when it did not come true. */
  readonly explain?: () => string | Promise<string>;
  /** Longest wait; only a failure takes as long. */
  readonly timeoutMs?: number;
}

const LOOK_EVERY_MS = 30;
const TIMEOUT_MS = 60_000;

/** Resolves once `condition` holds. @throws Error with `what` when it does not in time; whatever the condition throws. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  { explain = () => '', timeoutMs = TIMEOUT_MS }: UntilOptions = {},
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`${what} did not come true ${await explain()}`.trimEnd());
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
