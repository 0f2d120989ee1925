/**
 * Folders for stores that share one machine here and would not in the field. A commit waits for the disk: were the wallets' stores
 * on the disk of their hubs, all would wait for each other.
 */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system in memory, on Linux. */
const MEMORY = '/dev/shm';

/** New folders, until `remove`. */
export interface StoreFolders {
  /** On disk. */
  readonly hubs: string;
  /** In memory where there is such a file system; else on the same disk. */
  readonly wallets: string;
  readonly areWalletsInMemory: boolean;
  remove(): void;
}

/** @param name begins their names. */
export function createStoreFolders(name: string): StoreFolders {
  const areWalletsInMemory = existsSync(MEMORY);
  const hubs = mkdtempSync(join(tmpdir(), `${name}-`));
  const wallets = mkdtempSync(join(areWalletsInMemory ? MEMORY : tmpdir(), `${name}-`));
  return {
    ...{ hubs, wallets, areWalletsInMemory },
    remove() {
      for (const folder of [hubs, wallets]) rmSync(folder, { recursive: true, force: true });
    },
  };
}
