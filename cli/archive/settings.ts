/** What an archive can be told. */

import { CELL_COUNT } from '@quittance/chain';
import { blobSource } from '../config/blob-places.ts';
import * as parse from '../config/parse.ts';
import { named, optional, type Parse, required, toggle, withDefault } from '../config/setting.ts';
import { chainId, contract, fromBlock, l1Url, logFormat, logLevel } from '../config/settings.ts';
import { UsageError } from '../process/errors.ts';

/** "0-31,64" → the indices, ascending. */
const cellIndices: Parse<readonly number[]> = (text) => {
  const ranges = text.split(',').map((part) => {
    const match = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part);
    const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (match !== null && first <= last && last < CELL_COUNT) return [first, last] as const;
    throw new UsageError(`expected cells from 0 to ${CELL_COUNT - 1}, like 0-31 or 0-31,64-95, got "${part}"`);
  });
  const indices = ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at));
  return [...new Set(indices)].sort((one, other) => one - other);
};

export const ARCHIVE_SETTINGS = {
  l1Url,
  chainId,
  contract,
  fromBlock,
  blobSource,
  folder: named('archiveFolder', required('<path>', parse.text, 'where everything is kept; made if it is not there')),
  cells: optional(
    '<list>',
    cellIndices,
    'keeps these cells of each blob in place of the whole: 0-31 is a quarter of twice the blob, and any 64 of the 128 ' +
      'restore it',
  ),
  snapshotEvery: withDefault(
    '<batches>',
    parse.integer(0, 1_000_000),
    100,
    'replays final batches and keeps the state after every so many, the newest three; 0 replays nothing',
  ),
  checkAll: toggle(parse.flag, 'reads all batches from the first on, checks what is kept and mends it'),
  once: toggle(parse.flag, 'keeps everything up to the newest block, then ends; exit code 3 when a blob is missing'),
  l1PollMs: withDefault('<ms>', parse.integer(50, 600_000), 12_000, 'pause between two looks at L1'),
  logLevel,
  logFormat,
} as const;
