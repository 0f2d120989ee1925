/** Tables. What a phone has no room for is left out there: the page behind the row's link has it. */

import type { ComponentChildren } from 'preact';

/** A column. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Right-aligned, in digits of one width. */
  readonly isNumeric?: boolean;
  /** Left out where the window is narrow. */
  readonly isWide?: boolean;
}

interface TableProps<Row> {
  /** What it lists, for those who do not see it. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
  /** Columns as wide as the style says, whatever is in them: for rows that change while one looks. */
  readonly layout?: 'batches';
}

const classOf = ({ isNumeric, isWide }: { isNumeric?: boolean; isWide?: boolean }): string =>
  [isNumeric ? 'numeric' : '', isWide ? 'wide' : ''].filter(Boolean).join(' ');

/** A table of rows. */
export function Table<Row>({ caption, columns, rows, keyOf, layout }: TableProps<Row>) {
  return (
    <table class="table" data-layout={layout}>
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.head} scope="col" class={classOf(column)}>
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) => (
              <td key={column.head} class={classOf(column)}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface PagerProps {
  readonly newer?: string | undefined;
  readonly older?: string | undefined;
  /** What is paged through: “batches”. */
  readonly what: string;
}

/** Links to the pages beside this one. */
export function Pager({ newer, older, what }: PagerProps) {
  if (newer === undefined && older === undefined) return null;
  return (
    <nav class="pager" aria-label={`Pages of ${what}`}>
      {newer === undefined ? <span /> : <a href={newer}>← Newest</a>}
      {older === undefined ? <span class="muted">The end</span> : <a href={older}>Older →</a>}
    </nav>
  );
}
