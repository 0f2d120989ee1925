/** A small disk that fills up under a sequencer, and gets room again. */

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import type { Random } from '../../../../test/support/property/random.ts';
import { statusOf } from './judge.ts';
import type { World } from './world.ts';

/** A file system of a given size. */
export interface SmallDisk {
  readonly folder: string;
  /** @throws Error when more is on it than that. */
  resize(bytes: number): void;
  remove(): void;
}

const PARTS = ['', '-wal', '.head'] as const;
const PAGE = 4_096;
/** It fills up within this, or not at all. */
const TIMEOUT_MS = 60_000;
const POLL_MS = 50;
const LARGE = 256 * 2 ** 20;

/** @returns undefined where nothing can be mounted: that takes root. */
export function createSmallDisk(folder: string): SmallDisk | undefined {
  mkdirSync(folder, { recursive: true });
  const mount = (...parameters: string[]): void => void execFileSync('mount', parameters, { stdio: 'ignore' });
  try {
    mount('-t', 'tmpfs', '-o', `size=${LARGE}`, 'tmpfs', folder);
  } catch {
    return undefined;
  }
  return {
    folder,
    resize: (bytes) => mount('-o', `remount,size=${Math.ceil(bytes / PAGE) * PAGE}`, folder),
    remove: () => void execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' }),
  };
}

/** Takes the database along. @returns its new path. */
export function moveDatabase(from: string, { folder }: SmallDisk): string {
  const to = join(folder, 'sequencer.db');
  for (const part of PARTS) if (existsSync(`${from}${part}`)) copyFileSync(`${from}${part}`, `${to}${part}`);
  return to;
}

function usedOf({ folder }: SmallDisk): number {
  const { blocks, bfree, bsize } = statfsSync(folder);
  return (blocks - bfree) * bsize;
}

/**
 * Takes room from the disk until no more than `room` bytes are free. What a start needs is given back with its first commit:
 * more is taken then.
 */
function createSqueeze(disk: SmallDisk, room: number): () => void {
  let size = LARGE;
  return () => {
    const wanted = usedOf(disk) + room;
    if (wanted >= size) return;
    try {
      disk.resize(wanted);
      size = wanted;
    } catch {
      // More was written meanwhile than there was to be room for: the next round takes it.
    }
  };
}

/**
 * Lets the disk fill up while people pay, and gives it room again once the sequencer has stopped for it. None runs afterwards.
 *
 * @returns whether it said DISK_FULL, or ended.
 */
export async function fillOnce(world: World, disk: SmallDisk, file: string, random: Random): Promise<boolean> {
  await world.kill();
  // Without its -wal, which takes a thousand pages before it needs room again.
  new Sqlite(file).close();
  await world.start(file);
  const squeeze = createSqueeze(disk, (8 + random.below(80)) * PAGE);
  const deadline = performance.now() + TIMEOUT_MS;
  let isStopped = false;
  while (!isStopped && performance.now() < deadline) {
    squeeze();
    await sleep(POLL_MS);
    const { url } = world;
    const status = url === undefined ? undefined : await statusOf(url).catch(() => undefined);
    isStopped = url === undefined || status?.halted?.reason === 'DISK_FULL';
  }
  await world.kill();
  disk.resize(LARGE);
  return isStopped;
}
