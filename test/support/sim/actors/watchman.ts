/** The real watcher as a process: it looks every few seconds, may die in between, and goes on from its database. */

import { join } from 'node:path';
import { type BlobSource, NO_BLOB_SOURCE } from '@quittance/chain';
import { isRollupError } from '@quittance/protocol';
import { silentLogger } from '../../../../runtime/index.ts';
import { createWatcher, openWatcherStore, type WatcherStore } from '../../../../watcher/index.ts';
import { NO_KZG } from '../../derivation/no-kzg.ts';
import { simCrypto } from '../crypto.ts';
import { createDoor } from '../l1/door.ts';
import type { Stage } from '../stage.ts';
import { createProcessClock, type ProcessClock } from './clock.ts';

const LOOK_EVERY_MS = 30_000;

export interface WatchmanOptions {
  readonly world: Stage;
  readonly folder: string;
  readonly name: string;
  readonly account: string;
  readonly mode: 'challenge' | 'defend';
}

export class Watchman {
  readonly #options: WatchmanOptions;
  #store: WatcherStore | undefined;
  #end: () => void = () => undefined;
  #clock: ProcessClock | undefined;

  constructor(options: WatchmanOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#store !== undefined;
  }

  start(): void {
    if (this.isUp) return;
    const { world, folder, name, account, mode } = this.#options;
    const { l1, faults, seams } = world;
    const clock = createProcessClock(world.clock, 0);
    this.#clock = clock;
    let isAlive = true;
    const store = openWatcherStore({ file: join(folder, `${name}.db`), ...l1.options.deployment });
    this.#store = store;
    this.#end = () => {
      isAlive = false;
      clock.kill();
    };
    const door = seams.door(createDoor(l1, account, faults.door('watcher'), () => isAlive));
    const blobs: BlobSource = NO_BLOB_SOURCE;
    const options = seams.watcher({
      ...{ mode, reader: door.chain, assertions: door.assertions, blobs, kzg: NO_KZG, store, crypto: simCrypto, clock },
      ...{ logger: silentLogger, fromBlock: 0, maxFeePerGas: 10n ** 12n, confirmations: world.settings.confirmations },
    });
    const run = async (): Promise<void> => {
      const watcher = await createWatcher(options);
      while (isAlive) {
        await watcher.poll().catch((error: unknown) => {
          if (isAlive) world.judgeWatcher(error, name);
        });
        if (!isAlive) return;
        await clock.sleep(LOOK_EVERY_MS);
      }
    };
    run().catch((error: unknown) => {
      if (!isAlive) return;
      if (!isRollupError(error, 'L1_UNREACHABLE')) world.judgeWatcher(error, name);
      this.crash();
    });
  }

  /** Somebody sets the clock of its machine, so many milliseconds ahead. */
  setClock(skewMs: number): void {
    if (this.#clock !== undefined) this.#clock.skewMs = skewMs;
  }

  /** It ends in the middle of whatever it does. */
  crash(): void {
    if (this.#store === undefined) return;
    this.#end();
    this.#store.close();
    this.#store = undefined;
  }
}
