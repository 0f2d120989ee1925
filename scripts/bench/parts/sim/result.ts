/** What `./dev bench sim` counts. */

export interface SimResult {
  readonly seed: string;
  readonly steps: number;
  readonly stepsPerMinute: number;
  readonly worlds: number;
  /** Worlds in which a promise was broken. */
  readonly violations: number;
  /** How often each thing happened. */
  readonly events: Readonly<Record<string, number>>;
}
