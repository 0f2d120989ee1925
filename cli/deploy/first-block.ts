/** The first block to search for a deployment's events, also when the deployment is resumed days later. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RollupError } from '@quittance/protocol';

const FILE = 'first-block.json';

/** `head` at the first run with this record; without a record, now. @throws RollupError CONFIG_INVALID. */
export function firstBlockOf(record: string | undefined, head: number): number {
  if (record === undefined) return head;
  const file = join(record, FILE);
  if (existsSync(file)) {
    const { block } = JSON.parse(readFileSync(file, 'utf8')) as { block?: unknown };
    if (!Number.isSafeInteger(block))
      throw new RollupError('CONFIG_INVALID', `${file} holds no block number`, { file });
    return block as number;
  }
  mkdirSync(record, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ block: head })}\n`);
  return head;
}
