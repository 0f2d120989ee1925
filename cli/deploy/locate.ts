/** Which rollup a command about a deployment means: that of --contract, else that of a record. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { L1 } from '../l1/connect.ts';
import { UsageError } from '../process/errors.ts';
import { recordOf } from './request.ts';
import type { StatusValues } from './settings.ts';

/** Written by Ignition. */
const ADDRESSES_FILE = 'deployed_addresses.json';

/** The addresses of a record by name; empty until everything is deployed, when Ignition writes them. */
function recordedAddresses(record: string): Readonly<Record<string, string>> {
  const file = join(record, ADDRESSES_FILE);
  if (!existsSync(file)) return {};
  const addresses = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>);
  return Object.fromEntries(addresses.map(([future, address]) => [future.slice(future.indexOf('#') + 1), address]));
}

/** A rollup, and the record of its deployment where there is one. */
export interface Located {
  /** Undefined while a deployment is unfinished. */
  readonly contract: string | undefined;
  readonly record: string | undefined;
}

/** @throws UsageError when neither is named and no record lies where one is kept by default. */
export function locate({ contract, record: named }: StatusValues, l1: Pick<L1, 'chainId'>): Located {
  const record = recordOf({ record: named }, l1);
  const isThere = record !== undefined && existsSync(record);
  if (named !== undefined && !isThere) throw new UsageError(`there is no record ${named}`);
  if (contract !== undefined) return { contract, record: named };
  if (!isThere) {
    throw new UsageError(
      `name the rollup with --contract, or the record of its deployment with --record${record === undefined ? '' : ` (there is no ${record})`}`,
    );
  }
  return { contract: recordedAddresses(record)['Rollup'], record };
}
