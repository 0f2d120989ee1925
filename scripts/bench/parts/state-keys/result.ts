/** What the bench of states of channels measured, and how people read it. */

/** A task of both implementations: the least time of a call. */
export interface StateKeysTask {
  readonly task: string;
  readonly portableMicroseconds: number;
  readonly nativeMicroseconds: number;
}

export interface StateKeysResult {
  readonly tasks: readonly StateKeysTask[];
}

/** How many times as fast the addon is. */
export function timesAsFast({ portableMicroseconds, nativeMicroseconds }: StateKeysTask): string {
  return (portableMicroseconds / nativeMicroseconds).toFixed(1);
}

/** One line a task. */
export function stateKeysLines({ tasks }: StateKeysResult): string[] {
  return tasks.map((task) => {
    const { portableMicroseconds, nativeMicroseconds } = task;
    const times = `in JavaScript ${portableMicroseconds.toFixed(1)} µs, by the addon ${nativeMicroseconds.toFixed(1)} µs`;
    return `${task.task.padEnd(24)} ${times}: ${timesAsFast(task)} times as fast`;
  });
}
