/** The checksum of a row, as its table keeps it. */

import { crc32 } from 'node:zlib';

/** CRC-32 over the name of the table and the values of its columns, in order: any flipped bit changes it. */
export function rowChecksum(table: string, values: readonly unknown[]): number {
  // As JSON.stringify writes it, but hexadecimal digits need no look for what has to be escaped.
  const texts = values.map((value) =>
    Buffer.isBuffer(value) ? `["${value.toString('hex')}"]` : (JSON.stringify(value) ?? 'null'),
  );
  return crc32(`[${[JSON.stringify(table), ...texts].join(',')}]`);
}
