/** Who waits for which change. */

import type { RollupError } from '@quittance/protocol';

/** Those who wait, by vault and change. */
export interface Wishes {
  /** Resolves with the version that makes it. */
  wait(vault: string, key: string): Promise<number>;
  isAwaited(vault: string, key: string): boolean;
  made(vault: string, key: string, version: number): void;
  refuse(vault: string, key: string, error: RollupError): void;
  refuseAll(error: RollupError): void;
}

/** Nobody waits. */
export function createWishes(): Wishes {
  const waiting = new Map<string, PromiseWithResolvers<number>>();
  const take = (vault: string, key: string): PromiseWithResolvers<number> | undefined => {
    const name = `${vault} ${key}`;
    const found = waiting.get(name);
    waiting.delete(name);
    return found;
  };
  return {
    wait(vault, key) {
      const name = `${vault} ${key}`;
      const found = waiting.get(name) ?? Promise.withResolvers<number>();
      waiting.set(name, found);
      return found.promise;
    },
    isAwaited: (vault, key) => waiting.has(`${vault} ${key}`),
    made: (vault, key, version) => take(vault, key)?.resolve(version),
    refuse: (vault, key, error) => take(vault, key)?.reject(error),
    refuseAll(error) {
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    },
  };
}
