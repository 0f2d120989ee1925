/**
 * `./dev bench crash [--kills N] [--flips N] [--truncations N] [--full-disks N] [--seed S] [--json] [--save]`: a sequencer
 * in a process of its own is killed again and again while wallets pay, at random moments and at chosen commits; copies of what
 * it leaves are damaged; its disk fills up. Ends with code 1 when anything acknowledged is lost or executed twice, when L1 has
 * another state, or when damage was not noticed. A quarter of an hour on two busy cores.
 */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createL1 } from '../../test/support/contracts/deployment.ts';
import { createRandom, type Random } from '../../test/support/property/random.ts';
import { createPerson } from '../../test/support/rollup/person.ts';
import type { KillPoint } from '../../test/support/storage/kill-points.ts';
import { readArguments } from './parts/arguments.ts';
import { createSmallDisk, fillOnce, moveDatabase, type SmallDisk } from './parts/crash/full-disk.ts';
import { judge, untilFinal } from './parts/crash/judge.ts';
import { NO_PROBES, probe } from './parts/crash/probes.ts';
import { type CrashResult, isRight } from './parts/crash/result.ts';
import { startTraffic } from './parts/crash/traffic.ts';
import { createWorld, type World } from './parts/crash/world.ts';
import { printResult } from './parts/options.ts';

const USAGE =
  'usage: ./dev bench crash [--kills N] [--flips N] [--truncations N] [--full-disks N] [--seed S] [--json] [--save]';
const FUNDS = 10n ** 12n;
/** Kills between two rounds of damage to copies. */
const KILLS_PER_PROBE = 5;
/** Longest life of a process, and how far a chosen commit may be. */
const LIFE_MS = 400;
const COMMITS = 25;

const { kills, flips, truncations, fullDisks, seed, json, save } = readArguments(
  USAGE,
  { kills: '200', flips: '120', truncations: '120', 'full-disks': '5', seed: 'crash' },
  (whole, { seed }) => ({
    ...{ kills: whole('kills', 0), flips: whole('flips', 0), truncations: whole('truncations', 0) },
    ...{ fullDisks: whole('full-disks', 0), seed },
  }),
);

/** Every third process is to die at a chosen commit. */
function pointOf(kill: number, random: Random): KillPoint | undefined {
  if (kill % 3 !== 2) return undefined;
  return { atCommit: 1 + random.below(COMMITS), when: random.pick(['before', 'within', 'after'] as const) };
}

/** Kills one process after the other, and damages copies of what they leave. */
async function killAll(world: World, file: string, folder: string, random: Random) {
  const counts = { ...NO_PROBES };
  const probes = Math.max(1, Math.floor(kills / KILLS_PER_PROBE));
  const share = (total: number, round: number): number =>
    Math.floor(((round + 1) * total) / probes) - Math.floor((round * total) / probes);
  for (let kill = 0; kill < kills; kill++) {
    const point = pointOf(kill, random);
    const isUp = await world.start(file, point);
    if (isUp) await Promise.race([sleep(random.below(LIFE_MS) + (point === undefined ? 0 : LIFE_MS)), world.ended]);
    await world.kill();
    const round = Math.floor(kill / KILLS_PER_PROBE);
    if (kill % KILLS_PER_PROBE !== KILLS_PER_PROBE - 1 || round >= probes) continue;
    const many = { flips: share(flips, round), truncations: share(truncations, round) };
    await probe(file, join(folder, 'probes'), many, random, counts);
    console.error(`${kill + 1} kills: ${JSON.stringify(counts)}`);
  }
  return counts;
}

/** @returns how often the disk was full, and where the database is afterwards. */
async function fillAll(world: World, file: string, disk: SmallDisk | undefined, random: Random) {
  if (disk === undefined) {
    if (fullDisks > 0) console.error('no small disk could be mounted, which takes root: none was filled');
    await world.start(file);
    return { full: 0, unnoticed: 0 };
  }
  const moved = moveDatabase(file, disk);
  let unnoticed = 0;
  for (let count = 1; count <= fullDisks; count++) {
    if (!(await fillOnce(world, disk, moved, random))) unnoticed += 1;
    console.error(`${count} full disks: ${unnoticed} unnoticed`);
  }
  await world.start(moved);
  return { full: fullDisks, unnoticed };
}

await createL1(); // compiles
const folder = mkdtempSync(join(tmpdir(), 'quittance-bench-crash-'));
const people = ['alice', 'bob', 'carol', 'dave'].map(createPerson);
const world = await createWorld([createPerson('operator'), ...people], FUNDS, join(folder, 'compiled'));
const disk = fullDisks === 0 ? undefined : createSmallDisk(join(folder, 'small'));
try {
  mkdirSync(join(folder, 'large'));
  const file = join(folder, 'large', 'sequencer.db');
  const random = createRandom(seed);
  const { domain } = await world.reader.connect();
  const paying = { seed, people, firstLeaf: 1, funds: FUNDS, domain, url: () => world.url };
  await world.start(file);
  const traffic = startTraffic(paying);
  await sleep(LIFE_MS);
  await world.kill();
  const probed = await killAll(world, file, folder, random);
  const { full: fullDisk, unnoticed } = await fillAll(world, file, disk, random);
  await traffic.stop();
  await untilFinal(world.url!);
  const verdict = await judge(world, world.url!, traffic);
  const { silent, ...damages } = probed;
  const result: CrashResult = { kills, ...verdict, ...damages, fullDisk, silent: silent + unnoticed };
  printResult(result, { name: 'crash', json, save, slots: 0 }, [
    `${kills} kills: ${verdict.acknowledged} acknowledged, ${verdict.lost} lost, ${verdict.doubled} doubled`,
    `${damages.flips} flips and ${damages.truncations} truncations: ${damages.detected} refused, ${damages.harmless} harmless; ` +
      `${fullDisk} full disks; ${result.silent} unnoticed`,
  ]);
  process.exitCode = isRight(result) ? 0 : 1;
} finally {
  await world.stop();
  disk?.remove();
  rmSync(folder, { recursive: true, force: true });
}
