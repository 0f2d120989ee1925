/** What a record of a deployment says of the request that it belongs to: a resume with another one is refused. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RollupError } from '@quittance/protocol';
import { toJson } from '../process/output.ts';

const FILE = 'request.json';

/** A request as it is compared: names and values, as JSON has them. */
export type RecordedRequest = Readonly<Record<string, unknown>>;

/** The request that a record belongs to; undefined in a new one, or in one of a version that did not write it. */
export function readRequest(record: string): RecordedRequest | undefined {
  const file = join(record, FILE);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RecordedRequest;
  } catch {
    throw new RollupError('CONFIG_INVALID', `${file} is no JSON: restore it, or give another --record`, { file });
  }
}

/** Every name whose value differs, with both. */
function differencesOf(recorded: RecordedRequest, asked: RecordedRequest): string[] {
  const names = [...new Set([...Object.keys(recorded), ...Object.keys(asked)])];
  const textOf = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
  return names
    .filter((name) => textOf(recorded[name]) !== textOf(asked[name]))
    .map((name) => `${name} is ${textOf(recorded[name])} there and ${textOf(asked[name])} here`);
}

/**
 * Notes the request in a new record, or makes sure that an old one is of the same.
 *
 * @throws RollupError CONFIG_INVALID naming each parameter that differs.
 */
export function claimRecord(record: string, request: RecordedRequest): void {
  const asked = JSON.parse(toJson(request)) as RecordedRequest;
  const recorded = readRequest(record);
  if (recorded === undefined) {
    mkdirSync(record, { recursive: true });
    writeFileSync(join(record, FILE), `${JSON.stringify(asked, null, 2)}\n`);
    return;
  }
  const differences = differencesOf(recorded, asked);
  if (differences.length === 0) return;
  throw new RollupError(
    'CONFIG_INVALID',
    `the record ${record} is of a deployment with other parameters: ${differences.join('; ')}. Give the same to go on with it, ` +
      'or another --record for a new one',
    { record, differences: differences.join('; ') },
  );
}
