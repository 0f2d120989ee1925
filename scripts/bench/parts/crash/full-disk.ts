/** A small disk that fills up under a sequencer, and gets room again. */

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../../test/support/property/random.ts';
import { statusOf } from './judge.ts';
import type { World } from './world.ts';

/** A file system of a given size. */
export interface SmallDisk {
  readonly folder: string;
  resize(bytes: number): void;
  remove(): void;
}

const PARTS = ['', '-wal', '.head'] as const;
const PAGE = 4_096;
/** It fills up within this, or not at all. */
const TIMEOUT_MS = 60_000;
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
 * Lets the disk fill up while people pay, and gives it room again once the sequencer has stopped for it.
 *
 * @returns whether it said DISK_FULL, or ended.
 */
export async function fillOnce(world: World, disk: SmallDisk, file: string, random: Random): Promise<boolean> {
  await world.kill();
  await world.start(file);
  disk.resize(usedOf(disk) + (8 + random.below(80)) * PAGE);
  const deadline = performance.now() + TIMEOUT_MS;
  let isStopped = false;
  while (!isStopped && performance.now() < deadline) {
    await sleep(100);
    const { url } = world;
    const status = url === undefined ? undefined : await statusOf(url).catch(() => undefined);
    isStopped = url === undefined || status?.halted?.reason === 'DISK_FULL';
  }
  await world.kill();
  disk.resize(LARGE);
  await world.start(file);
  return isStopped;
}
