/** Random schedules of the life of channels, in the model alone and on the real contracts. */

import { playSchedule, type ScheduleOptions } from './schedule.ts';
import { createStage, PRICES, type Stage } from './stage.ts';

export { RULES } from './channel.ts';
export { FALSE_JUDGES } from './mutants.ts';

/** What came of schedules. */
export interface SchedulesResult {
  readonly schedules: number;
  /** Those in which a promise was broken, or the contracts did something else than the model. */
  readonly violations: number;
  /** Each of them in words, and how to play it again. */
  readonly failures: readonly string[];
}

/** Plays schedules in the model alone, until one breaks a promise: `<seed>/0`, `<seed>/1` and so on. */
export function findHarm(
  count: number,
  seed: string | number,
  options: Pick<ScheduleOptions, 'broken' | 'judge'> = {},
): { readonly name: string; readonly wrongs: readonly string[] } | undefined {
  for (let position = 0; position < count; position += 1) {
    const name = `${seed}/${position}`;
    const { wrongs } = playSchedule({ seed: name, startTime: 1_800_000_000, ...PRICES, ...options });
    if (wrongs.length > 0) return { name, wrongs };
  }
  return undefined;
}

/** Plays a schedule in the model and on the contracts. @returns what is wrong. */
async function play(stage: Stage, name: string, judge?: ScheduleOptions['judge']): Promise<readonly string[]> {
  const schedule = playSchedule({ seed: name, startTime: stage.startTime, ...PRICES, ...(judge && { judge }) });
  const found = await stage.play(name, schedule);
  return found === undefined ? schedule.wrongs : [...schedule.wrongs, found];
}

/** Plays one schedule by its name. @returns what is wrong. */
export async function replaySchedule(name: string, judge?: ScheduleOptions['judge']): Promise<readonly string[]> {
  return play(await createStage(), name, judge);
}

/** How a schedule is played again by test/contracts/channels/schedules.test.ts. */
function replayOf(seed: string | number, position: number): string {
  return `Replay with QUITTANCE_TEST_SEED=${seed} QUITTANCE_TEST_PATH=${position}`;
}

/**
 * Plays `<seed>/0`, `<seed>/1` and so on in the model and on the contracts, and compares them after each call: what is taken
 * or refused and why, who is paid what, where bonds and fees are.
 */
export async function runSchedules(count: number, seed: string | number): Promise<SchedulesResult> {
  const stage = await createStage();
  const failures: string[] = [];
  for (let position = 0; position < count; position += 1) {
    const name = `${seed}/${position}`;
    const wrongs = await play(stage, name);
    if (wrongs.length > 0) failures.push(`${wrongs.join('; ')}. ${replayOf(seed, position)}`);
  }
  return { schedules: count, violations: failures.length, failures };
}
