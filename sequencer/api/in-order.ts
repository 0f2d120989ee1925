/** Lets tasks that have one owner begin in the order in which they came, though each may pause on its way. */

/** Tasks by their owners. */
export interface InOrder<Owner extends WeakKey> {
  /** Runs `task` when the earlier ones of the owner have ended. */
  run<T>(owner: Owner, task: () => T | Promise<T>): Promise<T>;
}

/** No tasks. */
export function createInOrder<Owner extends WeakKey>(): InOrder<Owner> {
  const last = new WeakMap<Owner, Promise<unknown>>();
  return {
    async run<T>(owner: Owner, task: () => T | Promise<T>): Promise<T> {
      const before = last.get(owner);
      const own = before === undefined ? (async () => task())() : before.then(task, task);
      last.set(owner, own);
      try {
        return await own;
      } finally {
        if (last.get(owner) === own) last.delete(owner);
      }
    },
  };
}
