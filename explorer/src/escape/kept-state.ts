/** How far the rollup was rebuilt, kept in IndexedDB: a page that was closed goes on from there. L1 is asked whether it is true. */

import type { RebuildState } from '@quittance/sdk';

const DATABASE = 'quittance';
const STORE = 'rebuilds';

/** What IndexedDB answers to one request. @throws DOMException. */
function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** The store; undefined where the browser denies it, as private windows do. */
async function openStore(factory: IDBFactory | undefined): Promise<IDBDatabase | undefined> {
  if (factory === undefined) return undefined;
  try {
    const request = factory.open(DATABASE, 1);
    request.onupgradeneeded = () => void request.result.createObjectStore(STORE);
    return await answerOf(request);
  } catch {
    return undefined;
  }
}

/** The state of one rollup. */
export interface KeptState extends RebuildState {
  /** Whether it is still there when the page is closed. */
  readonly isLasting: boolean;
}

/**
 * @param name of the rollup.
 * @param factory the browser's; undefined where it has none.
 */
export async function openKeptState(name: string, factory: IDBFactory | undefined): Promise<KeptState> {
  const database = await openStore(factory);
  const store = (mode: IDBTransactionMode) => database!.transaction(STORE, mode).objectStore(STORE);
  let inMemory: Uint8Array | undefined;
  return {
    isLasting: database !== undefined,
    async load() {
      if (database === undefined || inMemory !== undefined) return inMemory;
      const bytes: unknown = await answerOf(store('readonly').get(name));
      return bytes instanceof Uint8Array ? bytes : undefined;
    },
    async keep(snapshot) {
      inMemory = snapshot;
      if (database === undefined) return;
      // A full disk must not stop the way out: it then lasts as long as the page.
      await answerOf(store('readwrite').put(snapshot, name)).then(
        () => {
          inMemory = undefined;
        },
        () => undefined,
      );
    },
  };
}
