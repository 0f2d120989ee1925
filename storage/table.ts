/**
 * Tables whose rows carry a checksum. A flipped bit that SQLite does not notice is found by whoever reads the row, and
 * by each start; it never becomes another answer. The log has its hash chain instead.
 */

import { rowChecksum } from './checksum.ts';
import { databaseDamaged } from './damage.ts';
import type { Database } from './database.ts';

/** Name and columns of a table, the checksum not among them. */
export interface TableShape<Row> {
  readonly name: string;
  readonly columns: readonly (keyof Row & string)[];
  /** The columns that tell rows apart. */
  readonly key: readonly (keyof Row & string)[];
}

/** A row as it is stored. */
export type Stored<Row> = Row & { readonly checksum: number };

/** Access to one table. Reads are the caller's own statements, with `checked` around their rows. */
export interface Table<Row> {
  insert(row: Row): void;
  /** In the place of the row of the same key, if there is one. */
  put(row: Row): void;
  /** Overwrites the row of the same key. */
  update(row: Row): void;
  /** @throws RollupError DATABASE_DAMAGED when the row is not as it was written. */
  checked(row: Stored<Row>): Stored<Row>;
}

const valuesOf = <Row>({ columns }: TableShape<Row>, row: Row): unknown[] => columns.map((column) => row[column]);

/** Whether a row is as it was written. */
export function isRowIntact<Row>(shape: TableShape<Row>, row: Stored<Row>): boolean {
  return rowChecksum(shape.name, valuesOf(shape, row)) === row.checksum;
}

/** Names the row for people. */
function describe<Row>({ name, key }: TableShape<Row>, row: Row): string {
  return `${name} (${key.map((column) => `${column} ${row[column]}`).join(', ')})`;
}

/** The table of this shape in `database`. */
export function createTable<Row extends object>(database: Database, shape: TableShape<Row>): Table<Row> {
  const { name, columns, key } = shape;
  const into = `INTO ${name} (${columns.join(', ')}, checksum) VALUES (${columns.map(() => '?').join(', ')}, ?)`;
  const insert = database.prepare<unknown[]>(`INSERT ${into}`);
  const put = database.prepare<unknown[]>(`INSERT OR REPLACE ${into}`);
  const update = database.prepare<unknown[]>(
    `UPDATE ${name} SET ${columns.map((column) => `${column} = ?`).join(', ')}, checksum = ?
     WHERE ${key.map((column) => `${column} = ?`).join(' AND ')}`,
  );
  return {
    insert(row) {
      const values = valuesOf(shape, row);
      insert.run(...values, rowChecksum(name, values));
    },
    put(row) {
      const values = valuesOf(shape, row);
      put.run(...values, rowChecksum(name, values));
    },
    update(row) {
      const values = valuesOf(shape, row);
      update.run(...values, rowChecksum(name, values), ...key.map((column) => row[column]));
    },
    checked(row) {
      if (isRowIntact(shape, row)) return row;
      throw databaseDamaged(database.file, `a row of ${describe(shape, row)} is not as it was written`);
    },
  };
}

/** Reads every row of these tables. @throws RollupError DATABASE_DAMAGED naming the first that is not as it was written. */
export function checkRows(database: Database, shapes: readonly TableShape<never>[]): void {
  for (const shape of shapes as readonly unknown[] as readonly TableShape<object>[]) {
    const table = createTable(database, shape);
    const rows = database.prepare<[], Stored<object>>(`SELECT * FROM ${shape.name}`).iterate();
    for (const row of rows) table.checked(row);
  }
}
