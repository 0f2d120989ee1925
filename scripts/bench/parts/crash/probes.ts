/**
 * Damages copies of a database that a killed process left: each must be refused, or answer as the undamaged one does. What
 * is refused is salvaged: what the new database has is what was there, and what it lacks is said.
 */

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isRollupError, PROFILES } from '@quittance/protocol';
import { LOCAL_CHAIN_ID } from '../../../../cli/devnet/anvil.ts';
import { readDeployment } from '../../../../sequencer/start/deployment.ts';
import { genesisOf, recover } from '../../../../sequencer/start/recover.ts';
import { openStorage, salvageDatabase } from '../../../../storage/index.ts';
import type { Random } from '../../../../test/support/property/random.ts';
import { fastCrypto } from '../../../../test/support/sequencer/harness.ts';
import { answersOf } from '../../../../test/support/storage/answers.ts';

export type Damage = 'flip' | 'truncation';

/** What became of damaged copies. */
export interface ProbeCounts {
  flips: number;
  truncations: number;
  /** Refused at the start. */
  detected: number;
  /** What was lost is nothing that anybody is answered by. */
  harmless: number;
  /** Of the detected: salvaged without anything missing. */
  repaired: number;
  /** Of the detected: salvaged, and what is missing was named. */
  named: number;
  /** Started with other answers, or salvaged something else than there was: never. */
  silent: number;
}

export const NO_PROBES: ProbeCounts = {
  ...{ flips: 0, truncations: 0, detected: 0, harmless: 0, repaired: 0, named: 0, silent: 0 },
};

const PARTS = ['', '-wal', '.head'] as const;
const crypto = fastCrypto();

function copy(from: string, to: string): void {
  for (const part of PARTS) {
    rmSync(`${to}${part}`, { force: true });
    if (existsSync(`${from}${part}`)) copyFileSync(`${from}${part}`, `${to}${part}`);
  }
}

/** Starts as a sequencer does, without L1. @returns what it answers, undefined when it refuses the database as damaged. */
async function answers(file: string): Promise<unknown> {
  let storage: ReturnType<typeof openStorage> | undefined;
  try {
    storage = openStorage({ file });
    const known = readDeployment(storage);
    if (known === undefined) return { empty: storage.log.head().sequence };
    const deployment = { chainId: LOCAL_CHAIN_ID, contract: known.contract };
    const genesis = genesisOf(crypto, known.genesisTime);
    const { engine } = crypto;
    await recover({ storage, engine, profile: PROFILES.quick, deployment, genesis, isProven: false });
    return answersOf(storage);
  } catch (error) {
    if (isRollupError(error, 'DATABASE_DAMAGED')) return undefined;
    throw error;
  } finally {
    storage?.close();
  }
}

/** Flips a bit of one of the three files, or cuts it off somewhere. */
function damage(file: string, how: Damage, random: Random): string {
  const parts = PARTS.filter((part) => existsSync(`${file}${part}`) && readFileSync(`${file}${part}`).length > 0);
  const path = `${file}${random.pick(parts)}`;
  const bytes = readFileSync(path);
  const at = random.below(bytes.length);
  if (how === 'truncation') truncateSync(path, at);
  else {
    bytes[at]! ^= 1 << random.below(8);
    writeFileSync(path, bytes);
  }
  return `${path.slice(file.length) || 'the database'} at ${at}`;
}

interface LogOf {
  readonly entries: readonly unknown[];
}

/** Saves what is left. @returns what was wrong with it, if anything. */
function salvage(file: string, folder: string, expected: LogOf, counts: ProbeCounts): string | undefined {
  const into = join(folder, 'salvaged.db');
  for (const part of PARTS) rmSync(`${into}${part}`, { force: true });
  const report = salvageDatabase({ file, into, nowMs: 0 });
  if (report.problem !== undefined) return `cannot be opened: ${report.problem}`;
  const storage = openStorage({ file: into });
  const saved = [...storage.log.range(1, report.entries)];
  storage.close();
  if (!isDeepStrictEqual(saved, expected.entries.slice(0, saved.length))) return 'has other entries';
  const isLacking = saved.length < expected.entries.length;
  if (!isLacking) counts.repaired += 1;
  else if (report.missing !== undefined || report.acknowledged === undefined) counts.named += 1;
  else return `lacks ${expected.entries.length - saved.length} entries and does not say so`;
  return undefined;
}

/** Damages copies, so many of each kind. @param folder for them. @param counts to be added to. */
export async function probe(
  file: string,
  folder: string,
  many: { readonly flips: number; readonly truncations: number },
  random: Random,
  counts: ProbeCounts,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const target = join(folder, 'probe.db');
  copy(file, target);
  const expected = (await answers(target)) as LogOf | undefined;
  if (expected === undefined) throw new Error('what the killed process left is refused');
  const kinds: Damage[] = [
    ...Array.from({ length: many.flips }, () => 'flip' as const),
    ...Array.from({ length: many.truncations }, () => 'truncation' as const),
  ];
  for (const how of kinds) {
    copy(file, target);
    const place = damage(target, how, random);
    counts[how === 'flip' ? 'flips' : 'truncations'] += 1;
    const damaged = await answers(target);
    if (damaged === undefined) {
      counts.detected += 1;
      copy(file, target);
      continue;
    }
    if (isDeepStrictEqual(damaged, expected)) counts.harmless += 1;
    else {
      counts.silent += 1;
      console.error(`a ${how} in ${place} changes what is answered`);
    }
  }
  if (!('entries' in expected)) return;
  copy(file, target);
  const place = damage(target, kinds[0] ?? 'flip', random);
  const wrong = salvage(target, folder, expected, counts);
  if (wrong === undefined) return;
  counts.silent += 1;
  console.error(`salvaged after damage in ${place}, it ${wrong}`);
}
