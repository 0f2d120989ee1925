/**
 * Saves what a damaged database still holds into a new one beside it. The damaged files are only read: whatever comes
 * of it, they can be tried again.
 */

import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isRollupError, RollupError } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import { translateSqliteError } from '../damage.ts';
import { type LogHead, readHeadFile } from '../head-file.ts';
import { holdDatabase } from '../hold.ts';
import { followLinks } from '../links.ts';
import { verifyChain } from '../log.ts';
import { MIGRATIONS } from '../migrations/index.ts';
import { finishNew, partOf, prepareNew, readCommits } from '../new-file.ts';
import { checkSchema, earlierVersion, migrate, schemaVersion } from '../schema.ts';
import { openStorage } from '../storage.ts';
import { verifyRows } from '../verify.ts';
import { verifyEarlier } from '../verify-earlier.ts';
import { type Candidates, chainOf, collectCandidates, islands } from './candidates.ts';
import { type Image, openImages } from './images.ts';
import { insertLog, insertRows, settle } from './rows.ts';
import { readWal, type Wal } from './wal.ts';

/** An acknowledged transfer that could not be saved. */
export interface LostTransfer {
  readonly sequence: number;
  readonly id: bigint;
}

/** What was saved, and what is missing. */
export interface SalvageReport {
  readonly file: string;
  /** Whether every row of every table is as it was. */
  readonly isWhole: boolean;
  /** Entries of the log from 1 on. */
  readonly entries: number;
  /** The last that was acknowledged; undefined without an intact witness. */
  readonly acknowledged: number | undefined;
  /** Acknowledged entries that were not saved. */
  readonly missing: { readonly first: number; readonly last: number; readonly count: number } | undefined;
  /** Transfers among the missing whose entry is still there, but not what came before it. */
  readonly known: readonly LostTransfer[];
  /** Commits that were made later than what was saved: what L1 said last is asked of it again. */
  readonly missingCommits: number;
  /** Batches of the new database, 1 to this. */
  readonly batches: number;
  /** Batches that the saved log seals; those beyond `batches` are opened again. */
  readonly sealedBatches: number;
  /** Rows beside the log of which one flipped bit was found by their checksum. */
  readonly mendedRows: number;
  /** Why the new database cannot be opened by the sequencer, if so. */
  readonly problem: string | undefined;
}

export interface SalvageOptions {
  readonly file: string;
  /** Must not exist. */
  readonly into: string;
  readonly nowMs: number;
}

/** Most transfers that a report names. */
const MAX_KNOWN = 10_000;
const DEFAULT_PAGE_BYTES = 4_096;

/** What the header of the database says, if it can be. */
function readPageBytes(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  const header = Buffer.alloc(18);
  const descriptor = openSync(file, 'r');
  try {
    if (readSync(descriptor, header, 0, 18, 0) < 18) return undefined;
  } finally {
    closeSync(descriptor);
  }
  const bytes = header.readUInt16BE(16);
  const isPower = bytes >= 512 && (bytes & (bytes - 1)) === 0;
  return bytes === 1 ? 65_536 : isPower ? bytes : undefined;
}

/** Where the log of an image ends, if the image is whole. */
function headOfWhole({ handle, database }: Image): LogHead | undefined {
  try {
    if (handle.pragma('integrity_check(1)', { simple: true }) !== 'ok') return undefined;
    const version = schemaVersion(handle, database.file, MIGRATIONS);
    checkSchema(handle, database.file, MIGRATIONS, version);
    const head = verifyChain(database);
    if (version === MIGRATIONS.length) verifyRows(database);
    else verifyEarlier(database, version);
    return head;
  } catch (error) {
    if (error instanceof Sqlite.SqliteError || isRollupError(error, 'DATABASE_DAMAGED')) return undefined;
    throw error;
  }
}

/**
 * Rows of an earlier schema are not those of this one: without them, all batches would be sealed anew, those on L1 too.
 *
 * @throws RollupError DATABASE_OLDER.
 */
function requirePresent({ handle }: Image, file: string): void {
  let version: number | undefined;
  try {
    version = earlierVersion(handle, MIGRATIONS);
  } catch (error) {
    if (error instanceof Sqlite.SqliteError) return; // its schema cannot be read: the rows say what they are
    throw error;
  }
  if (version === undefined) return;
  const message = `the damaged database ${file} has schema ${version}, and this version saves rows of schema ${MIGRATIONS.length}: salvage it with the version that wrote it, and start this one on what that saves`;
  throw new RollupError('DATABASE_OLDER', message, { file, actual: version, expected: MIGRATIONS.length });
}

interface Saved {
  readonly head: LogHead;
  /** Entries of the old log. */
  readonly entries: number;
  readonly batches: number;
  readonly sealedBatches: number;
  readonly mendedRows: number;
}

/** The image as it is, in a file of its own. */
function copyWhole({ handle }: Image, head: LogHead, into: string): Saved {
  handle.prepare('VACUUM INTO ?').run(into);
  const { last } = handle.prepare<[], { last: number }>('SELECT COALESCE(MAX(number), 0) AS last FROM batches').get()!;
  return { head, entries: head.sequence, batches: last, sealedBatches: last, mendedRows: 0 };
}

/** Row by row. */
function copyRows(images: readonly Image[], candidates: Candidates, options: SalvageOptions, witness?: LogHead): Saved {
  const { file, into, nowMs } = options;
  const target = new Sqlite(partOf(into));
  try {
    migrate(target, into, MIGRATIONS);
    target.pragma('foreign_keys = OFF');
    return target.transaction(() => {
      const last = insertLog(target, chainOf(candidates, witness));
      const mendedRows = insertRows(target, images);
      const database = { ...images[0]?.database, file, prepare: ((sql: string) => target.prepare(sql)) as never };
      const settled = settle(target, { database: database as Image['database'] }, last, nowMs);
      return {
        head: settled.head,
        entries: last.sequence,
        batches: settled.batch,
        sealedBatches: settled.sealed,
        mendedRows,
      };
    })();
  } finally {
    target.close();
  }
}

/** Why the sequencer would not open it. */
function problemOf(file: string): string | undefined {
  try {
    openStorage({ file }).close();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function knownTransfers(candidates: Candidates, first: number, last: number): LostTransfer[] {
  const known: LostTransfer[] = [];
  for (const { sequence, id } of islands(candidates, first, last)) {
    if (id !== null) known.push({ sequence, id: BigInt(`0x${id.toString('hex')}`) });
    if (known.length === MAX_KNOWN) break;
  }
  return known;
}

/** @throws RollupError CONFIG_INVALID when there is nothing to save, or something where it would go. */
function checkPaths(file: string, into: string): void {
  if (!existsSync(file) && !existsSync(`${file}-wal`)) {
    throw new RollupError('CONFIG_INVALID', `there is neither ${file} nor its -wal`, {
      name: 'database',
      actual: file,
    });
  }
  prepareNew(into);
}

/**
 * Writes a new database, with a witness of its own, of what the damaged one and its -wal still hold.
 *
 * @throws RollupError CONFIG_INVALID when `into` exists or `file` does not, DATABASE_IN_USE, DATABASE_NEWER, DATABASE_OLDER,
 * DISK_FULL.
 */
export function salvageDatabase(options: SalvageOptions): SalvageReport {
  const { into } = options;
  const file = followLinks(options.file);
  checkPaths(file, into);
  const hold = holdDatabase(file);
  let images: Image[] = [];
  let candidates: Candidates | undefined;
  try {
    const folder = hold.makeViewFolder();
    const witness = readHeadFile(`${file}.head`);
    const pageBytes = readPageBytes(file);
    const wal: Wal | undefined = existsSync(`${file}-wal`)
      ? readWal(readFileSync(`${file}-wal`), pageBytes)
      : undefined;
    images = openImages(file, folder, wal);
    const size = pageBytes ?? wal?.pageBytes ?? DEFAULT_PAGE_BYTES;
    candidates = collectCandidates(join(folder, 'rows'), existsSync(file) ? file : undefined, size, wal);
    let reachable = 0;
    for (const { sequence } of chainOf(candidates, witness)) reachable = sequence;
    const whole = images
      .map((image) => ({ image, head: headOfWhole(image) }))
      .find(({ head }) => head !== undefined && head.sequence >= Math.min(reachable, witness?.sequence ?? reachable));
    if (whole === undefined) for (const image of images) requirePresent(image, file);
    const saved =
      whole?.head === undefined
        ? copyRows(images, candidates, { ...options, file }, witness)
        : copyWhole(whole.image, whole.head, partOf(into));
    const commits = readCommits(partOf(into));
    finishNew(into, { ...saved.head, commits });
    const { entries, batches, sealedBatches, mendedRows } = saved;
    const last = witness?.sequence ?? 0;
    const isMissing = last > entries;
    return {
      file: into,
      isWhole: whole !== undefined,
      entries,
      acknowledged: witness?.sequence,
      missing: isMissing ? { first: entries + 1, last, count: last - entries } : undefined,
      known: isMissing ? knownTransfers(candidates, entries + 1, last) : [],
      missingCommits: Math.max(0, (witness?.commits ?? 0) - commits),
      batches,
      sealedBatches,
      mendedRows,
      problem: problemOf(into),
    };
  } catch (error) {
    throw translateSqliteError(into, error);
  } finally {
    rmSync(partOf(into), { force: true });
    rmSync(`${partOf(into)}-journal`, { force: true });
    for (const { handle } of images) handle.close();
    candidates?.close();
    hold.release();
  }
}
