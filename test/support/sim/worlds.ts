/** Many worlds of one seed, each short enough to be read when it breaks. */

import { runWorld, type WorldResult } from './run.ts';
import { NO_SEAMS, type Seams } from './stage.ts';

/** A world has at most as many steps. */
const STEPS_PER_WORLD = 500;

/** A world to be played. */
export interface PlannedWorld {
  readonly seed: string;
  readonly steps: number;
}

/** The worlds of a seed: one of that name, or several with numbers, which can be played alone under their own names. */
export function planWorlds(seed: string, steps: number): PlannedWorld[] {
  const count = Math.ceil(steps / STEPS_PER_WORLD);
  if (count <= 1) return [{ seed, steps }];
  return Array.from({ length: count }, (_, position) => ({
    seed: `${seed}.${position + 1}`,
    steps: Math.min(STEPS_PER_WORLD, steps - position * STEPS_PER_WORLD),
  }));
}

/** Plays the worlds of a seed, one after the other. @param onWorld told of each. */
export async function runWorlds(
  seed: string,
  steps: number,
  onWorld: (result: WorldResult) => void = () => undefined,
  seams: Seams = NO_SEAMS,
): Promise<WorldResult[]> {
  const results: WorldResult[] = [];
  for (const planned of planWorlds(seed, steps)) {
    const result = await runWorld(planned.seed, planned.steps, seams);
    results.push(result);
    onWorld(result);
  }
  return results;
}

/** Lines of a history that people are shown. */
const SHOWN_LINES = 40;

/** What broke, how to play it again, and what happened before. */
export function describeViolation({ seed, steps, violation, history }: WorldResult): string {
  return [
    `world ${seed} broke at step ${violation?.step}: ${violation?.message}`,
    `play it again: ./dev bench sim --seed ${seed} --steps ${steps}`,
    ...history.slice(-SHOWN_LINES).map((line) => `  ${line}`),
  ].join('\n');
}
