/** Flipped bits in closed databases, table by table. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { Random } from '../property/random.ts';

interface Page {
  readonly start: number;
  readonly size: number;
  /** Bytes with something in them, at the end of the page. */
  readonly used: number;
}

/** A closed database that is damaged again and again. */
export interface Flips {
  readonly tables: readonly string[];
  /** Puts the good files back, but for one bit of a page of the table or its indices. @returns which byte. */
  flip(table: string, random: Random): number;
}

/** Takes the files as they are now for the good ones. */
export function createFlips(file: string): Flips {
  const good = readFileSync(file);
  const witness = readFileSync(`${file}.head`);
  const database = new Sqlite(file, { readonly: true });
  const rows = database
    .prepare<[], Page & { name: string }>(
      `SELECT COALESCE(tbl_name, 'sqlite_schema') AS name, pgoffset AS start, pgsize AS size,
              pgsize - unused AS used
       FROM dbstat LEFT JOIN sqlite_schema USING (name)`,
    )
    .all();
  database.close();
  const pages = Map.groupBy(rows, ({ name }) => name);
  return {
    tables: [...pages.keys()],
    flip(table, random) {
      const { start, size, used } = random.pick(pages.get(table)!);
      // Half of them where the rows are.
      const within = random.chance(0.5) ? random.below(size) : size - 1 - random.below(used);
      const bad = Buffer.from(good);
      bad[start + within] = bad[start + within]! ^ (1 << random.below(8));
      rmSync(`${file}-wal`, { force: true });
      writeFileSync(file, bad);
      writeFileSync(`${file}.head`, witness);
      return start + within;
    },
  };
}
