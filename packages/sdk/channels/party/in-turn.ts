/** Work on one channel, one after the other: what was looked at stays so until something is written down that stands on it. */

/** Runs work behind all that was begun for the same channel before, whatever became of that. */
export type InTurn = <T>(vault: string, work: () => Promise<T>) => Promise<T>;

/** Turns of the channels of one party. */
export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return (vault, work) => {
    const before = last.get(vault) ?? Promise.resolve();
    const next = before.catch(() => undefined).then(work);
    last.set(vault, next);
    const forget = (): void => {
      if (last.get(vault) === next) last.delete(vault);
    };
    next.then(forget, forget);
    return next;
  };
}
